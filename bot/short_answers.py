"""Short answers → what they mean: a number, a time of day, yes or no; pure."""

import re
from typing import Final

from bot.reading import SHORT, clean, fold, is_command, words
from storage import replies

MORE: Final = "mehr"
"""The answer that turns the page, as a word or as a command."""

SILENTLY, LATER = fold(replies.WITHOUT), fold(replies.LATER)
"""Under which keys the preview of something public expects a silent yes, and a time for it."""

_WORDS: Final = frozenset(map(fold, replies.ANSWERS))

_NUMERALS: Final = (
    *("null", "eins", "zwei", "drei", "vier", "fuenf"),
    *("sechs", "sieben", "acht", "neun", "zehn", "elf", "zwoelf"),
)
_BARE: Final = re.compile(
    r"(?:(?:ich|nehme|waehle|stimme|fuer|die|das|nr|nummer|thema|option|doch|dann|lieber|eher) )*"
    r"([0-9]{1,3}|[a-z]+)(?: bitte)?"
)
_YES: Final = re.compile(
    r"(?:(?:ja|jo|ja[pu]|j[eu]pp?|jawohl|ok|okay|passt|gerne?|genau|klar)(?: |$))+"
)
_NO: Final = re.compile(r"(?:(?:nein|noe|nee?|no|nicht|stopp?|abbrechen)(?: |$))+")
_POLITE: Final = re.compile(r"\b(?:bitte|danke|sehr|lieber|doch|dann|mal|super|prima)\b ?")
_THUMBS: Final = str.maketrans({"👍": " ja ", "👌": " ja ", "✅": " ja ", "👎": " nein "})


def number(text: str) -> int | None:
    """The number somebody answers with: "3.", "die drei", "Nr. 3", "3️⃣" (rule 8); else None."""
    bare = _BARE.fullmatch(words(text)) if len(text) <= SHORT and not is_command(text) else None
    if bare is None:
        return None
    if bare[1] in _NUMERALS:
        return _NUMERALS.index(bare[1])
    return int(bare[1]) if bare[1].isdecimal() else None


_CLOCK: Final = re.compile(
    r"(?:um )?(\d{1,2})(?:[:.](\d{2}) ?uhr|:(\d{2})| ?uhr(?: ?(\d{2}))?)"
    r"(?:\W+(?:erst )?später)?\W*",
    re.I,
)


def clock(text: str) -> str | None:
    """The time of day that somebody answers with: "14:00 – später", "14 Uhr"; else None."""
    found = _CLOCK.fullmatch(text) if len(text) <= SHORT else None
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2] or found[3] or found[4] or 0)
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None


def yes_no(text: str) -> bool | None:
    """Whether somebody says yes or no and nothing else (rule 9); None for "ja, aber …"."""
    if len(text) > SHORT:  # what stands behind a cut could say the opposite
        return None
    spoken = re.sub(r"(.)\1{2,}", r"\1", words(text.translate(_THUMBS)))  # "jaaa"
    said = _POLITE.sub("", spoken).strip()
    return True if _YES.fullmatch(said) else False if _NO.fullmatch(said) else None


def read(body: str, direct: bool) -> str | None:
    """A bare number, yes, no or more, as the folded key under which a question expects it.

    In a direct chat also the other words that the bot asks for, written without a sign; in a room
    what the preview of something public may be answered with.
    """
    text = clean(body[:80]).strip()
    folded = fold(text)
    if folded == MORE or (direct and folded in _WORDS and not is_command(text)):
        return folded
    if not direct and (chosen := folded if folded == SILENTLY else clock(text)):
        return chosen
    counted = number(text)
    agreed = None if is_command(text) else yes_no(text)  # "!stop" is a command
    if counted is not None:
        return str(counted)
    return None if agreed is None else "ja" if agreed else "nein"
