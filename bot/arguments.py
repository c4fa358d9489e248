"""Turn the words after a command into the arguments that its function asks for."""

import inspect
from collections.abc import Sequence

from commands import Command, Context, UserError, quoted
from storage import calendar, meetings, networks
from storage.models import Meeting, Network
from storage.replies import Reply

Argument = str | Meeting | Network

MOST_CHOICES = 8
"""More hits than this are no choice any more; the reply would not fit a phone."""


class Choose(Exception):
    """The words fit several things; `reply` asks which one is meant."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.text)
        self.reply = reply


async def bind(ctx: Context, command: Command, text: str) -> list[Argument]:
    """One word per parameter, the rest of the line for the last.

    Raises `UserError` when the words do not fit, `Choose` when they fit more than one thing.
    """
    wanted = command.parameters
    words = text.split(maxsplit=max(len(wanted) - 1, 0)) if text else []
    needed = sum(p.default is p.empty for p in wanted)
    if len(words) < needed:
        raise UserError(_how(command))
    given = zip(wanted, words, strict=False)
    return [await _read(ctx, command, parameter, word) for parameter, word in given]


def _how(command: Command) -> str:
    example = command.example or f"!{command.name}"
    return f"Da fehlt noch etwas. So geht es zum Beispiel: {example}\nMehr: !hilfe {command.name}"


async def _read(
    ctx: Context, command: Command, parameter: inspect.Parameter, word: str
) -> Argument:
    if parameter.annotation in (Meeting, Meeting | None):
        return await _meeting(ctx, command, word)
    if parameter.annotation in (Network, Network | None):
        return await _network(ctx, command, word)
    return word


async def _meeting(ctx: Context, command: Command, word: str) -> Meeting:
    found = await meetings.matching(ctx.db, ctx.course, word, ctx.today)
    labels = [f"{m.topic} ({calendar.short(m.day)})" for m in found]
    nothing = f"„{quoted(word)}“ passt zu keinem Termin. Alle Termine: !programm alle"
    chosen = _one(command, word, [m.key for m in found], labels, nothing)
    return found[chosen]


async def _network(ctx: Context, command: Command, word: str) -> Network:
    found = await networks.matching(ctx.db, ctx.course, word)
    labels = [f"{n.short} ({networks.state(n)})" for n in found]
    nothing = f"„{quoted(word)}“ passt zu keinem Netzwerk. Alle Netzwerke: !netzwerke liste"
    chosen = _one(command, word, [n.key for n in found], labels, nothing)
    return found[chosen]


def _one(
    command: Command, word: str, keys: Sequence[str], labels: Sequence[str], nothing: str
) -> int:
    if not keys:
        raise UserError(nothing)
    if len(keys) == 1:
        return 0
    choices = list(enumerate(zip(keys, labels, strict=True), 1))[:MOST_CHOICES]
    more = "" if len(keys) <= MOST_CHOICES else f"\nund {len(keys) - MOST_CHOICES} weitere"
    lines = "\n".join(f"{number} – {label}" for number, (_, label) in choices)
    text = f"„{quoted(word)}“ passt mehrfach:\n{lines}{more}\nBitte mit der Zahl antworten."
    answers = {str(number): f"{command.name} {key}" for number, (key, _) in choices}
    raise Choose(Reply(text, answers=answers))
