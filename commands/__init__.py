"""The commands, one file each.

To add `!gruss`, write `commands/gruss.py`:

    from commands import Context, command

    @command("grüßt zurück", example="!gruss Ada")
    async def gruss(ctx: Context, name: str) -> str:
        return f"Hallo {quoted(name)}!"

That is all: the function's name is the command, its parameters are the arguments (the last `str`
takes the rest of the line; `Meeting` and `Network` are found by number, name or part of it), the
returned text is the reply. Changes to storage and the reply are committed together, or not at all.
"""

import importlib
import inspect
import pkgutil
import re
import unicodedata
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Course, Person
from storage.replies import DIRECT, Place, Post, Reaction, Reply

Answer = str | Reply | Reaction | None
Run = Callable[..., Coroutine[Any, Any, Answer]]


@dataclass(frozen=True)
class Context:
    """What a command may know about the message it answers.

    `now` is the time of asking in the zone of the course; `sent` is when the server got the
    message, which counts for deadlines. `also` collects what is to be said elsewhere.
    """

    db: AsyncSession
    course: Course
    now: datetime
    sent: datetime
    place: Place
    room_id: str
    sender: str
    event_id: str
    person: Person | None = None
    organiser: bool = False
    also: list[Post] = field(default_factory=list)

    @property
    def today(self) -> date:
        """The day of asking in the zone of the course."""
        return self.now.date()

    @property
    def direct(self) -> bool:
        """Whether nobody else reads along."""
        return self.place == DIRECT


class UserError(Exception):
    """Something the person can put right; the text is the reply."""


@dataclass(frozen=True)
class Command:
    """A function that people can call from the chat."""

    run: Run
    help: str
    example: str
    aliases: tuple[str, ...]
    phrases: Mapping[str, str]
    admin: bool
    late: bool

    @property
    def name(self) -> str:
        """What people type after the `!`, and the name of the file."""
        return self.run.__name__

    @property
    def parameters(self) -> list[inspect.Parameter]:
        """What may follow the command word."""
        return list(inspect.signature(self.run).parameters.values())[1:]

    @property
    def usage(self) -> str:
        """The grammar as people read it: `!name <must> [may]`."""
        marks = ("[{}]" if p.default is not p.empty else "<{}>" for p in self.parameters)
        words = [m.format(p.name) for m, p in zip(marks, self.parameters, strict=True)]
        return " ".join([f"!{self.name}", *words])


def command(
    help: str,
    *,
    example: str = "",
    aliases: tuple[str, ...] = (),
    phrases: Mapping[str, str] | None = None,
    admin: bool = False,
    late: bool = False,
) -> Callable[[Run], Command]:
    """Turn a function into a command.

    `aliases` are other words for it; `phrases` are words that carry arguments
    (`{"alle termine": "alle"}`); `admin` commands work in the organisers' room only; `late` ones
    still take effect when the bot reads them long after they were sent, as votes do.
    """
    return lambda run: Command(run, help, example, aliases, phrases or {}, admin, late)


def discover() -> dict[str, Command]:
    """Import every module of this package and collect the commands."""
    found: dict[str, Command] = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        found |= {c.name: c for c in vars(module).values() if isinstance(c, Command)}
    return found


def quoted(text: str, limit: int = 60) -> str:
    """What somebody typed, as harmless data in a reply: one line, no markup, cut to `limit`."""
    visible = "".join(c for c in unicodedata.normalize("NFC", text) if c.isprintable())
    plain = re.sub(r"\*{2,}", "*", " ".join(visible.split()))
    return plain if len(plain) <= limit else plain[: limit - 1].rstrip() + "…"
