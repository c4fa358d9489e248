"""The commands, one file each.

To add `!gruss`, write `commands/gruss.py`:

    from commands import Context, command, quoted

    @command("grüßt zurück", example="!gruss Ada")
    async def gruss(ctx: Context, name: str) -> str:
        return f"Hallo {quoted(name)}!"

That is all: the function's name is the command, its parameters are the arguments (the last `str`
takes the rest of the line; `Meeting` and `Network` are found by number, name or part of it), the
returned text is the reply. Changes to storage and the reply are committed together, or not at all.
"""

import importlib
import importlib.util
import inspect
import pkgutil
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from storage import calendar, change_notices
from storage.joined import Shared, nowhere
from storage.models import Course, Meeting, Occurrence, Person, Upload
from storage.quoting import quoted as quoted
from storage.replies import (
    DIRECT,
    LATER,
    WITHOUT,
    Invite,
    Place,
    Post,
    Reaction,
    Reply,
    Whisper,
)

LONGEST_REPLY = 600
"""Characters that fit a phone's screen (product B.3)."""

Answer = str | Reply | Reaction | None
Run = Callable[..., Coroutine[Any, Any, Answer]]


@dataclass(frozen=True)
class Quoted:
    """What somebody wrote in a room, and somebody else put an emoji to."""

    event_id: str
    sender: str
    text: str
    sent: datetime


@dataclass(frozen=True)
class Contents:
    """What was found in the upload with this id, read as this kind of file; JSON."""

    upload: int
    kind: str
    text: str


async def untold(occurrence: Occurrence) -> tuple[str, str]:
    """Nobody knows more than what it is called."""
    return occurrence.schedule, ""


@dataclass(frozen=True)
class Context:
    """What a command may know about the message it answers.

    `now` is the time of asking in the zone of the course; `sent` is when the server got the
    message, which counts for deadlines. `confirmed` is the yes to the preview of this very line,
    and `answer` how it was put: "ja", "jaohneansage" or a time of day as "14:00".
    `also` collects what is to be said elsewhere: in another room, or to one person alone.
    `quoted` is the message of another person that the command's emoji was put to. `foretell` says
    what the clock will say: the title, and the first line if that is known. `contents` are what
    was read of a file, once the command has asked for it by `inside`. Who speaks as an `organiser`
    does so in their room. `pills` are the Matrix ids that the links of the message lead to, and
    `shared` names the rooms in which somebody is together with the bot. `may_call` says whether
    everybody in a room may be notified for a person, with `@room`.
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
    confirmed: bool = False
    answer: str = ""
    quoted: Quoted | None = None
    contents: Contents | None = None
    also: list[Post | Whisper | Invite] = field(default_factory=list)
    foretell: Callable[[Occurrence], Awaitable[tuple[str, str]]] = untold
    pills: tuple[str, ...] = ()
    shared: Shared = nowhere
    may_call: Callable[[str, str], bool] = lambda room, person: False

    @property
    def today(self) -> date:
        """The day of asking in the zone of the course."""
        return self.now.date()

    @property
    def direct(self) -> bool:
        """Whether nobody else reads along."""
        return self.place == DIRECT

    def inside(self, upload: Upload, kind: str) -> str:
        """What is in a file, as JSON; `kind` is the module of `storage` that reads such files.

        Raises `Wanted` as long as that is not known: it is read then, without changing anything,
        and the command runs again.
        """
        found = self.contents
        if found is None or (found.upload, found.kind) != (upload.id, kind):
            raise Wanted(upload, kind)
        return found.text

    def when(self, moment: datetime) -> str:
        """A moment as everybody reads it: "morgen, Mi 25.11., 10:00 Uhr"."""
        local = self.course.local(moment)
        day = calendar.day_phrase(local.date(), self.today)
        return f"{day}, {calendar.clock(local.time())} Uhr"


NUMBERS = dict(enumerate(("zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht"), 2))


CLOSED = (
    "Der Kurs ist abgeschlossen: Ich gebe noch Auskunft, ändere aber nichts mehr.\n"
    "Was noch geht: !programm, !zertifikat, !meinedaten"
)
"""The answer to whatever would change something in a course that is over."""


class UserError(Exception):
    """Something the person can put right; the text is the reply."""


class Wanted(Exception):
    """The command cannot go on without what is in an upload."""

    def __init__(self, upload: Upload, kind: str) -> None:
        super().__init__(kind)
        self.upload, self.kind = upload, kind


class Undone(Exception):
    """What the command has changed is undone, it was only to see; all that is left is the reply."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply


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
    discreet: bool = False
    emoji: str = ""
    ended: bool = True

    @property
    def name(self) -> str:
        """What people type after the `!`, and the name of the file."""
        return self.run.__name__

    @cached_property
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
    discreet: bool = False,
    emoji: str = "",
    ended: bool | None = None,
) -> Callable[[Run], Command]:
    """Turn a function into a command.

    `aliases` are other words for it; `phrases` are words that carry arguments
    (`{"alle termine": "alle"}`); `admin` commands work in the organisers' room only; `late` ones
    still take effect when the bot reads them long after they were sent, as votes do. What is typed
    behind a `discreet` one is never kept, not even to ask back. The `emoji` runs it when it is put
    to somebody's message in a room, which is `Context.quoted` then. Once the course is closed, only
    those work that have `ended`: unless they say so, organisers' have not, and all others have.
    """
    how = (admin, late, discreet, emoji, not admin if ended is None else ended)
    return lambda run: Command(run, help, example, aliases, phrases or {}, *how)


def discover() -> dict[str, Command]:
    """Import every module of this package and collect the commands."""
    found: dict[str, Command] = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        found |= {c.name: c for c in vars(module).values() if isinstance(c, Command)}
    return found


def preview(
    line: str, *lines: str | None, asks: str = "ja oder nein", also: Sequence[str] = ()
) -> Reply:
    """Show what a command line would do; a yes runs this very line with `Context.confirmed`.

    So do the other answers that it asks for `also`, e.g. `WITHOUT` and `LATER`.
    """
    answers = dict.fromkeys(("ja", *also), line)
    return Reply(composed(*lines, asks), answers=answers, confirms=True)


async def announced(ctx: Context, dates: Sequence[Meeting], line: str, *lines: str | None) -> Reply:
    """Show a change of these meetings that everybody will hear of, unless one says otherwise.

    Where a reminder has gone out, people have to hear of it.
    """
    told = await change_notices.reminded(ctx.db, ctx.course, dates)
    return preview(
        line,
        *lines,
        change_notices.hint(ctx.course, told, ctx.now),
        asks=change_notices.asks(told),
        also=[LATER] if told else [WITHOUT, LATER],
    )


def exists(name: str) -> bool:
    """Whether there is such a command, so that a reply may recommend it."""
    return importlib.util.find_spec(f"{__name__}.{name}") is not None


def composed(*lines: str | None, limit: int = LONGEST_REPLY) -> str:
    """The lines that say something, as one reply within the limit.

    Where it is too long, the longest lines lose their ends; addresses stay whole. A line that
    begins like "13. Januar" would become a list and lose its number (product B.3).
    """
    kept = [re.sub(r"^(\*\*)?(?=\d+\.)", r"\1– ", line) for line in lines if line]
    while (excess := len("\n".join(kept)) - limit) > 0:
        cuttable = [line for line in kept if "://" not in line and len(line) > 20]
        if not cuttable:
            break
        longest = max(cuttable, key=len)
        size = max(20, len(longest) - excess - 3, len(longest) // 2)
        cut = longest[:size].rstrip("* ") + "…"
        kept[kept.index(longest)] = cut + "**" * (cut.count("**") % 2)
    return "\n".join(kept)


def page(items: Sequence[str], number: int, *, size: int = 9, room: int = 400) -> tuple[int, int]:
    """From which to which item (excluded) page `number`, counted from 1, reaches.

    A page has at most `size` items with `room` characters in all, and at least one item. A number
    beyond the last page means the last.
    """
    ends = [0]
    while ends[-1] < len(items) and len(ends) <= max(number, 1):
        end = ends[-1] + 1
        while end < min(len(items), ends[-1] + size) and (
            sum(map(len, items[ends[-1] : end + 1])) + end - ends[-1] <= room
        ):
            end += 1
        ends.append(end)
    return (ends[-2], ends[-1]) if len(ends) > 1 else (0, 0)


def choice(typed: str, options: Mapping[str, str], kind: str) -> Reply:
    """Ask which of several things is meant: what to show for each command line to run."""
    shown = list(options.items())[:8]
    count = NUMBERS.get(len(options), str(len(options)))
    lines = [f"{number} – {quoted(label)}" for number, (_, label) in enumerate(shown, 1)]
    more = f"und {len(options) - 8} weitere, bitte genauer fragen" if len(options) > 8 else None
    title = f"„{quoted(typed, 30)}“ passt zu {count} {kind}:"
    text = composed(title, *lines, more, "Bitte mit der Zahl antworten.")
    return Reply(text, answers={str(i): line for i, (line, _) in enumerate(shown, 1)})
