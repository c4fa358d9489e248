"""Text → what the person wants: addressing, commands, typos, sentences; pure.

The rules are those of product E.1. `address` decides whether a message is for the bot at all,
`recognise` which command it asks for. Whether this person may run it is decided elsewhere.
"""

import re
from collections.abc import Collection
from typing import Final

from bot import sentences
from bot.reading import SHORT, clean, fold, is_command, unquoted, words
from bot.short_answers import yes_no
from bot.vocabulary import Call, Suggestion, Unknown, Vocabulary

_TOKEN: Final = re.compile(r"[^\W\d_]+|\d+")  # "programm5" is a word and a number
_LEAD: Final = re.compile(r"^[\s:,;.!?)…–-]+")
_PREFIX: Final = re.compile(r"^[\s!/！／]+")
_SHOUT: Final = re.compile(r"[!！]{3}")
_ABOUT: Final = re.compile(r"\b(?:de[rnms]|vo[nm]|zum|beim|mit|im|k?eine?n?|unser)$", re.I)


def address(
    body: str, *, bot_names: Collection[str], direct: bool, mentioned: bool = False
) -> str | None:
    """What is said to the bot, without quote and bot name but with its `!`; None if not to it.

    Rule 1: in a direct chat everything; in a room what begins with `!` or with the bot's name or
    mentions it. Calling it at the end counts in a short message only: "danke kursbot!", but not
    "frag den Kursbot". `bot_names` are display name and full Matrix ID. `mentioned` is for pills:
    clients add a mention to every reply to a post of the bot, and that one should not count.
    """
    text = unquoted(body)
    if is_command(text):
        return None if not direct and _SHOUT.match(text) else text
    rest, first = _without_name(text, bot_names)
    called = rest != text and len(rest.split()) <= 3 and not _ABOUT.search(rest)
    return rest if direct or mentioned or first or called else None


def _without_name(text: str, bot_names: Collection[str]) -> tuple[str, bool]:
    """The text without the bot's name at its start or end, and whether it stood at the start."""
    ordered = sorted((clean(name).strip(" @") for name in bot_names), key=len, reverse=True)
    names = "|".join(re.escape(name) for name in ordered if name)
    if not names:
        return text, False
    pill = rf"\[?@?(?:{names})\]?(?:\(https://matrix\.to/[^)\s]*\))?"
    if start := re.match(rf"{pill}(?!\w)[\s:,]*", text, re.I):
        return text[start.end() :], True
    if len(text) <= SHORT and (end := re.search(rf"[\s,]+{pill}\W*$", text, re.I)):
        return text[: end.start()], False
    return text, False


def recognise(
    text: str, vocabulary: Vocabulary, *, direct: bool
) -> Call | Suggestion | Unknown | None:
    """What a text returned by `address` asks for; None for silence (`!!!`, `!?`, nothing at all).

    The longest exact join of the first words wins (rules 2 and 3), then typos behind a `!` (rule
    5), then, in direct chats, sentences (rule 14). Without `!` only short direct messages may have
    typos: in a room people also talk about the bot.
    """
    text = clean(text)
    prefixed = is_command(text)
    text = _PREFIX.sub("", text)
    heads = _heads(text, prefixed)
    if not heads:
        return None
    for head in reversed(heads):
        if call := vocabulary.exact(*head):
            return call
    brief = direct and len(text.split()) <= 3 and yes_no(text) is None
    guess = _guess(heads[:3], vocabulary, prefixed) if prefixed or brief else None
    if isinstance(guess, Call) and prefixed:
        return guess
    # "kann Mittwoch nicht" is no mistyped "wann"
    sentence = sentences.said(text, vocabulary) if direct else None
    return sentence or guess or Unknown()


def _heads(text: str, prefixed: bool) -> list[tuple[str, str]]:
    """The first word, the first two joined, …, each with the arguments it would leave."""
    ends = [token.end() for token in _TOKEN.finditer(text[:SHORT])][:8]
    heads = [(fold(text[:end]), _LEAD.sub("", text[end:]).rstrip()) for end in ends]
    if prefixed:
        return heads
    return [
        (key, rest)
        for key, rest in heads
        if key not in sentences.OPENERS or len(words(rest).split()) <= sentences.OPENERS[key]
    ]


def _guess(
    heads: list[tuple[str, str]], vocabulary: Vocabulary, prefixed: bool
) -> Call | Suggestion | None:
    """What to run, else what to ask; without `!` only a whole message is worth asking about."""
    guesses = [(vocabulary.guess(key, rest), rest) for key, rest in heads]
    calls = [guess for guess, _ in guesses if isinstance(guess, Call)]
    asked = [guess for guess, rest in guesses if guess and (prefixed or not rest)]
    return next(iter([*calls, *asked]), None)
