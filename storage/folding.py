"""Names and words reduced to what must agree when people type them; pure."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final, TypeVar

from storage.spelling import allowed, near

_LONGEST: Final = 300  # characters of a typed name that are looked at
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_FILLERS: Final = frozenset(
    "aber alle am an auch auf aus bei beim bitte da das dem den der des die dies diese ein eine"
    " einen er es etwas fuer gab gerade gibt hat heisst ich im in ist jemand kann kannst mal mehr"
    " mein mir mit nach noch nochmal oder sie sind so ueber um und uns von vom was welche wer"
    " wie wir wird wo woher worum zu zum zur".split()
)

Found = TypeVar("Found")


def fold_words(text: str) -> str:
    """Lower-case words without umlauts, accents and signs: "Panke & Spree" → "panke spree"."""
    plain = unicodedata.normalize("NFKC", text[:_LONGEST]).lower().translate(_UMLAUTS)
    spelt = unicodedata.normalize("NFKD", plain)
    letters = (char for char in spelt if not unicodedata.combining(char))
    return " ".join("".join(char if char.isalnum() else " " for char in letters).split())


def key_words(text: str) -> list[str]:
    """The folded words that carry meaning, in order: "wo sind die Folien" → ["folien"]."""
    return [word for word in fold_words(text).split() if word not in _FILLERS]


def nearest(typed: str, known: Iterable[str]) -> list[str]:
    """The known words that are nearest to a folded word, mistakes forgiven; [] if none is near."""
    close = near(typed, dict.fromkeys(known), at_most=allowed(typed))
    return [word for word, mistakes in close if mistakes == close[0][1]]


def inside(typed: str, known: Iterable[str]) -> bool:
    """Whether a part of a longer word is near to a folded word of at least five letters."""
    size = len(typed)
    parts = (
        word[start : start + length]
        for word in known
        if len(word) > size >= 5
        for length in (size - 1, size, size + 1)
        for start in range(len(word) - length + 1)
    )
    return bool(near(typed, parts, at_most=1))


def look_up(text: str, named: Mapping[str, Iterable[Found]]) -> list[Found]:
    """Everything whose name is meant by a text, each once, in the order of `named`.

    `named` are folded names. A whole name beats a part of one, a part beats a typing mistake. The
    text may be a part of a name ("heide"), or speak of one ("das Netzwerk Wattkante").
    """
    said = key_words(text) or fold_words(text).split()
    if not said:
        return []
    typed = "".join(said)
    joined = {name: name.replace(" ", "") for name in named}
    whole = fold_words(text).replace(" ", "")
    for hits in (
        [name for name in named if joined[name] in (typed, whole)],
        [name for name in named if typed in joined[name] or all(w in name for w in said)],
        [name for name in named if re.search(rf"\b{re.escape(name)}\b", " ".join(said))],
        _misspelt(said, joined),
    ):
        if hits:
            return _once(found for name in hits for found in named[name])
    return []


def _misspelt(said: list[str], joined: Mapping[str, str]) -> list[str]:
    """The names nearest to the whole text, else those with a word near to each of its words."""
    close = nearest("".join(said), joined.values())
    if close:
        return [name for name in joined if joined[name] in close]
    return [name for name in joined if all(nearest(word, name.split()) for word in said)]


def _once(found: Iterable[Found]) -> list[Found]:
    kept: list[Found] = []
    for one in found:
        if one not in kept:
            kept.append(one)
    return kept
