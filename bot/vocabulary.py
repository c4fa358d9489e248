"""The words that people can type, and what each stands for; pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from os.path import commonprefix

from bot.reading import fold
from commands import Command
from storage.spelling import allowed, near


@dataclass(frozen=True)
class Call:
    """A recognised command and the text behind it, as the person wrote it.

    `confirmed` if it was previewed, and this is the yes to that; `answer` is its folded word, or
    the time of day that was said instead.
    """

    command: str
    arguments: str
    confirmed: bool = False
    answer: str = ""


@dataclass(frozen=True)
class Word:
    """What a typed word stands for; `preset` precedes the typed arguments (`!stop` is `aus`)."""

    command: str
    preset: str = ""
    fuzzy: bool = True  # False for leader commands: never guessed, never suggested (rule 6)

    def call(self, arguments: str) -> Call:
        """What this word asks for with these arguments typed behind it."""
        return Call(self.command, f"{self.preset} {arguments}".strip())


@dataclass(frozen=True)
class Suggestion:
    """„Meinten Sie !word?“, and what a yes would run (rule 5)."""

    word: str
    call: Call


@dataclass(frozen=True)
class Unknown:
    """Addressed to the bot, but not understood (rule 10: short help in a DM, silence in a room)."""


class Vocabulary:
    """All words a person can type in one place, with umlauts or without."""

    def __init__(self, words: Mapping[str, Word]) -> None:
        """Raise ValueError if two words fold to the same key but mean different things."""
        self._entries: dict[str, tuple[str, Word]] = {}
        for spelling, word in words.items():
            key = fold(spelling)
            known, meaning = self._entries.setdefault(key, (spelling, word))
            if not key or meaning != word:
                raise ValueError(f"„{spelling}“ cannot be told from „{known}“")
        self.commands = frozenset(word.command for word in words.values())

    def exact(self, key: str, arguments: str) -> Call | None:
        """The call if `key`, already folded, is a word."""
        if key not in self._entries:
            return None
        return self._entries[key][1].call(arguments)

    def guess(self, typed: str, arguments: str) -> Call | Suggestion | None:
        """The call if exactly one meaning is nearest and near enough, else what to ask (rule 5).

        A leader's word is never the answer; where it is as near as a participant's, we ask. More
        than half of the letters must be right, so that "das" is not taken for "da".
        """
        found = near(typed, self._entries, at_most=allowed(typed) + 1)
        close = [(key, far) for key, far in found if far * 2 < min(len(key), len(typed))]
        nearest = [key for key, far in close if far == close[0][1]]
        offered = [key for key in nearest if self._entries[key][1].fuzzy]
        if not offered:
            return None
        best = max(offered, key=lambda key: len(commonprefix((key, typed))))
        spelling, word = self._entries[best]
        call = word.call(arguments)
        alone = len({self._entries[key][1] for key in nearest}) == 1
        return call if alone and close[0][1] <= allowed(typed) else Suggestion(spelling, call)


def of(commands: Collection[Command], *, leading: bool = False) -> Vocabulary:
    """Every word that people may type, and what it stands for.

    Where participants and organisers mean different things, as with "absagen", it is theirs who
    are `leading` in their own room, and everywhere else the participants'.
    """
    ours = [command for command in commands if command.admin == leading]
    others = [command for command in commands if command.admin != leading]
    words = _words(ours)
    taken = set(map(fold, words))
    return Vocabulary(
        words | {w: word for w, word in _words(others).items() if fold(w) not in taken}
    )


def _words(commands: Collection[Command]) -> dict[str, Word]:
    words: dict[str, Word] = {}
    for command in commands:
        fuzzy = not command.admin
        words |= {w: Word(command.name, "", fuzzy) for w in (command.name, *command.aliases)}
        words |= {w: Word(command.name, rest, fuzzy) for w, rest in command.phrases.items()}
    return words
