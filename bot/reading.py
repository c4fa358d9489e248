"""What people wrote, reduced to what counts; pure. The rules are those of product E.1."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

LONGEST: Final = 16_000  # characters read of a message; what Matrix allows is four times as much
SHORT: Final = 300  # a command word stands within these; a longer text is no sentence, no answer

_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs"})  # control, zero-width and bidi, lone surrogates
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_GENDER: Final = re.compile(  # needs a sign or a capital I: "Referent/in", never "Termin"
    r"(?<=[^\W\d_])(?:[/:*_·•(]-?(?i:in(?:nen)?)\)?|-(?i:innen)|(?<=[a-zäöüß])In(?:nen)?)(?![^\W_])"
)
_REPLY: Final = re.compile(r"\A\s*> (?:\* )?<@[^\n]*(?:\n>[^\n]*)*\n*")
_TONES: Final = re.compile("[\U0001f3fb-\U0001f3ff]")


def clean(text: str) -> str:
    """NFC without anything invisible, line breaks kept, cut at 16,000 characters.

    Never more than four combining marks in a row: sorting them takes quadratic time, and 64 KB
    of them would hold up everybody for three seconds.
    """
    text = text[:LONGEST]
    letters = set(text)
    text = text.translate({ord(char): None for char in letters if not _visible(char)})
    if any(map(unicodedata.combining, letters)):
        text = _few_marks(text)
    return unicodedata.normalize("NFC", text)


def _few_marks(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= 4:
            kept.append(char)
    return "".join(kept)


@lru_cache
def _visible(char: str) -> bool:
    if "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef":
        return False  # variation selectors: they turn ☎ into an emoji
    return char in "\n\t" or unicodedata.category(char) not in _INVISIBLE


def words(text: str) -> str:
    """The folded words of a text with single spaces between them: "MINT-Mobil" → "mint mobil"."""
    plain = _GENDER.sub("", unicodedata.normalize("NFKC", clean(text[:2_000]))[:2_000])
    spelt = unicodedata.normalize("NFKD", plain.lower().translate(_UMLAUTS))
    letters = (char for char in spelt if unicodedata.category(char) != "Mn")
    return " ".join("".join(char if char.isalnum() else " " for char in letters).split())


def fold(text: str) -> str:
    """A command word reduced to what must agree (rule 2): "Meine Daten!" → "meinedaten"."""
    return words(text).replace(" ", "")


def is_command(text: str) -> bool:
    """Whether the text begins with the command sign, `!` or a `/` which the client let through."""
    return text.lstrip().startswith(("!", "/", "！", "／"))


def unquoted(body: str) -> str:
    """What somebody wrote, without the quote that old clients put before a reply."""
    return _REPLY.sub("", clean(body)).strip()


def emoji(key: str) -> str:
    """A reaction without skin tone and variation: "👍🏽" → "👍"."""
    return _TONES.sub("", clean(key))
