"""Turn the words after a command into the arguments that its function asks for."""

import inspect
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from commands import Command, Context, UserError, choice, quoted
from storage import calendar, meetings, networks
from storage.models import Meeting, Network
from storage.replies import Reply

Argument = str | Meeting | Network

_MEETING: Final = (Meeting, Meeting | None)
_NUMBERED: Final = re.compile(r"(?:webinar|termin|auftakt|abschluss)(?: tag)? +\d{1,2}(?!\S)", re.I)


class Choose(Exception):
    """The words fit several things; `reply` asks which one is meant."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.text)
        self.reply = reply

    def among(self, before: Sequence[str], behind: Sequence[str]) -> "Choose":
        """The same question where other words stand before and behind the ones in doubt."""
        answers = {}
        for number, line in self.reply.answers.items():
            name, _, meant = line.partition(" ")
            answers[number] = " ".join([name, *before, meant, *behind])
        return Choose(replace(self.reply, answers=answers))


async def bind(ctx: Context, command: Command, text: str) -> list[Argument]:
    """One word per parameter, the rest of the line for the last.

    Raises `UserError` when the words do not fit, `Choose` when they fit more than one thing.
    """
    wanted = command.parameters
    words = _words(wanted, text)
    needed = sum(p.default is p.empty for p in wanted)
    if len(words) < needed:
        raise UserError(_how(command))
    found: list[Argument] = []
    for place, (parameter, word) in enumerate(zip(wanted, words, strict=False)):
        try:
            found.append(await _read(ctx, command, parameter, word))
        except Choose as several:
            raise several.among(words[:place], words[place + 1 :]) from several
    return found


def _words(wanted: Sequence[inspect.Parameter], text: str) -> list[str]:
    """The words for each parameter; "Webinar 4" is one where a date is meant."""
    found, rest = list[str](), text.strip()
    for parameter in wanted[:-1]:
        together = _NUMBERED.match(rest) if parameter.annotation in _MEETING else None
        word = together[0] if together else next(iter(rest.split(maxsplit=1)), "")
        found, rest = [*found, word], rest[len(word) :].lstrip()
    return list(filter(None, [*found, rest])) if wanted else []


def _how(command: Command) -> str:
    example = command.example or f"!{command.name}"
    return f"Da fehlt noch etwas. So geht es zum Beispiel: {example}\nMehr: !hilfe {command.name}"


async def _read(
    ctx: Context, command: Command, parameter: inspect.Parameter, word: str
) -> Argument:
    if parameter.annotation in _MEETING:
        return await _meeting(ctx, command, word)
    if parameter.annotation in (Network, Network | None):
        return await _network(ctx, command, word)
    return word


async def _meeting(ctx: Context, command: Command, word: str) -> Meeting:
    found = await meetings.matching(ctx.db, ctx.course, word, ctx.today)
    if not found:
        raise UserError(f"„{quoted(word)}“ passt zu keinem Termin. Alle Termine: !programm alle")
    labels = {f"{command.name} {m.key}": f"{m.topic} ({calendar.short(m.day)})" for m in found}
    _only_one(word, labels, "Terminen")
    return found[0]


async def _network(ctx: Context, command: Command, word: str) -> Network:
    found = await networks.matching(ctx.db, ctx.course, word)
    if not found:
        hint = "Alle Netzwerke: !netzwerke liste"
        raise UserError(f"„{quoted(word)}“ passt zu keinem Netzwerk. {hint}")
    labels = {f"{command.name} {n.key}": f"{n.short} ({networks.state(n)})" for n in found}
    _only_one(word, labels, "Netzwerken")
    return found[0]


def _only_one(word: str, labels: Mapping[str, str], kind: str) -> None:
    """Ask back when several things fit; each is offered as the command line that means it."""
    if len(labels) > 1:
        raise Choose(choice(word, labels, kind))
