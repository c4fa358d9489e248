"""What people wrote, as harmless data in what the bot says."""

import re
import unicodedata


def quoted(text: str, limit: int = 60) -> str:
    """What somebody typed, as harmless data in a reply: one line, no markup, cut to `limit`."""
    spaced = " ".join(unicodedata.normalize("NFC", text[: 20 * limit]).split())
    if not spaced.isprintable():
        spaced = " ".join("".join(filter(str.isprintable, spaced)).split())
    plain = re.sub(r"\*{2,}", "*", spaced)
    return plain if len(plain) <= limit else plain[: limit - 1].rstrip() + "…"
