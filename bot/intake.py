"""Take what came from the rooms: each event has its effect once, and none can stop the others."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy.ext.asyncio import AsyncSession

from bot import receiving, replying
from bot.files import Files
from bot.incoming import (
    Attachment,
    Emoji,
    Incoming,
    Message,
    NativeVote,
    PollEnd,
    Retraction,
    Sealed,
    Unreadable,
)
from bot.limits import Verdict
from bot.logs import where
from bot.router import NotUnderstood, Router
from commands import Answer, Undone, UserError, Wanted
from storage import facts, inbox, outbox, polls, sealed, standing, uploads
from storage.database import Lost, Sessions
from storage.models import OutgoingMessage, Quarantine, SealedEvent
from storage.tally import ENDS, REDACTION, Heard

log = logging.getLogger(__name__)

TOKEN = "sync_token"
"""The fact that says how far the bot has read."""

Marks = Mapping[str, str]
"""Facts about how far the bot has come, written down with the last effect of a batch."""


async def nothing() -> None:
    """It is known already."""


@dataclass
class Intake:
    """Where the edge hands over what it has read; `deliver` takes the replies.

    What is in the `files` that organisers upload is read when a command wants it.
    `settle` makes sure that everything the bot has said is known by its event.
    """

    sessions: Sessions
    router: Router
    deliver: Callable[[Sequence[OutgoingMessage]], None]
    settle: Callable[[], Awaitable[None]] = nothing
    files: Files = field(default_factory=Files)

    async def take(self, events: Sequence[Incoming], marks: Marks) -> None:
        """Let all events have their effect, then write down how far we are.

        Each event is one transaction; the last one carries the marks. After a crash in between,
        the server sends the batch again and the inbox knows what was done.
        """
        if any(map(_refers, events)):
            await self.settle()
        sorted_ = [await self._sorted(event) for event in events]
        heard = [event for event in sorted_ if await self._matters(event)]
        judged = [(event, self._judged(event)) for event in heard]
        wanted = [(event, verdict) for event, verdict in judged if verdict is not Verdict.IGNORE]
        for number, (event, verdict) in enumerate(wanted, 1):
            await self._guarded(event, verdict, marks if number == len(wanted) else {})
        if not wanted and marks:
            async with self.sessions.begin() as db:
                await _move(db, marks)

    async def _sorted(self, event: Incoming) -> Incoming:
        """Files are for the bot where organisers are; elsewhere they are messages like others."""
        if not isinstance(event, Attachment):
            return event
        async with self.sessions() as db:
            return event if await receiving.concerns(db, event) else event.typed

    async def _matters(self, event: Incoming) -> bool:
        """Emoji that people put to each other's messages are not worth a transaction."""
        if not isinstance(event, Emoji) or event.quoted:
            return True
        async with self.sessions() as db:
            return await outbox.posted(db, event.target) is not None

    def _judged(self, event: Incoming) -> Verdict:
        """Drop what is not for the bot, or too much, before it costs anything."""
        throttle = self.router.throttle
        if event.sender in throttle.bots:
            return Verdict.IGNORE
        if isinstance(event, Attachment | NativeVote | PollEnd | Retraction):
            return Verdict.ANSWER
        try:
            if isinstance(event, Message) and not self.router.concerns(event):
                return Verdict.IGNORE
            verdict = throttle.judge(event)
            if verdict in replying.SILENT and not self._asks(event):
                return Verdict.IGNORE
            return verdict
        except Exception as error:
            log.error("%s in %s failed: %s", event.event_id, event.room_id, where(error))
            return Verdict.IGNORE

    def _asks(self, event: Incoming) -> bool:
        """Whether somebody waits for a word: people who talk to each other do not."""
        return isinstance(event, Message) and (event.direct or self.router.addressed(event))

    async def _guarded(self, event: Incoming, verdict: Verdict, marks: Marks) -> None:
        """One event, one transaction; what it raises decides what is said instead."""
        try:
            async with self.sessions.begin() as db:
                await self._effect(db, event, verdict)
                await _move(db, marks)
            log.debug("%s in %s has had its effect", event.event_id, event.room_id)
            self._said(db)
        except NotUnderstood as unclear:
            await self._reply(event, unclear.answer, marks)
        except UserError as error:
            await self._reply(event, str(error), marks)
        except Lost:  # it is not the event: the server will tell it again
            raise
        except Undone as seen:
            await self._reply(event, seen.reply, marks)
        except Wanted as wanted:
            await self._opened(event, wanted, marks)
        except Exception as error:
            log.error("%s in %s failed: %s", event.event_id, event.room_id, where(error))
            await self._failed(event, error, marks)

    async def _opened(self, event: Incoming, wanted: Wanted, marks: Marks) -> None:
        """Read the file while nobody waits for the database, and try again with its contents."""
        assert isinstance(event, Message | Emoji)
        try:
            contents = await self.files.read(wanted)
        except UserError as error:
            await self._reply(event, str(error), marks)
        except Exception as error:
            log.error("%s in %s failed: %s", event.event_id, event.room_id, where(error))
            await self._failed(event, error, marks)
        else:
            await self._guarded(replace(event, contents=contents), Verdict.ANSWER, marks)

    async def _effect(self, db: AsyncSession, event: Incoming, verdict: Verdict) -> None:
        if isinstance(event, NativeVote | PollEnd | Retraction):
            await _hear(db, event)
            return
        if isinstance(event, Attachment):
            await receiving.receive(db, event)
            return
        if isinstance(event, Sealed):
            await _keep(db, event)
            return
        if isinstance(event, Unreadable):
            log.warning("%s in %s is unreadable: %s", event.event_id, event.room_id, event.error)
            await inbox.quarantine(db, _suspect(event, event.error))
            return
        if verdict in replying.SILENT:
            raise NotUnderstood(replying.SILENT[verdict])
        if isinstance(event, Emoji):
            await self.router.react(db, event)
        else:
            await self.router.handle(db, event)

    async def _reply(self, event: Incoming, answer: Answer, marks: Marks) -> None:
        message = event.typed if isinstance(event, Emoji) else event
        async with self.sessions.begin() as db:
            if isinstance(message, Message):
                await self.router.reply(db, message, answer)
            await _move(db, marks)
        self._said(db)

    async def _failed(self, event: Incoming, error: Exception, marks: Marks) -> None:
        async with self.sessions.begin() as db:
            await inbox.quarantine(db, _suspect(event, type(error).__name__))
            if isinstance(event, Message):
                await self.router.reply(db, event, replying.BROKEN)
            await _move(db, marks)
        self._said(db)

    def _said(self, db: AsyncSession) -> None:
        """Hand over what this transaction has put into the outbox, now that it is committed."""
        if rows := outbox.fresh(db):
            self.deliver(rows)


def _refers(event: Incoming) -> bool:
    """Whether it is about something that may just have been said."""
    answers = isinstance(event, Message) and event.answers is not None
    return answers or isinstance(event, Emoji | Retraction)


def _suspect(event: Incoming, error: str) -> Quarantine:
    """What is remembered of an event that could not be handled."""
    return Quarantine(
        event_id=event.event_id,
        room_id=event.room_id,
        type=type(event).__name__,
        sender=event.sender,
        error=error,
        at=event.now,
    )


async def _move(db: AsyncSession, marks: Marks) -> None:
    for name, value in marks.items():
        await facts.put(db, name, value)


async def _keep(db: AsyncSession, event: Sealed) -> None:
    """Keep an unreadable message until its key comes."""
    row = SealedEvent(
        event_id=event.event_id,
        room_id=event.room_id,
        sender=event.sender,
        source=event.source,
        sent=event.sent,
        at=event.now,
    )
    await sealed.put(db, row)


async def _hear(db: AsyncSession, event: NativeVote | PollEnd | Retraction) -> None:
    """Keep what is said about polls in a room of a course; what counts is decided at the end.

    Who has left does not vote any more; what they voted before stays.
    """
    place = await standing.in_room(db, event.room_id, event.sender)
    if place is not None and not place.former:
        await polls.hear(db, place.course.id, heard(event))
        if isinstance(event, Retraction):
            await uploads.retract(db, event.target)


def heard(event: NativeVote | PollEnd | Retraction) -> Heard:
    """The event as the count knows it."""
    sender, name, at = event.sender, event.event_id, event.sent
    match event:
        case NativeVote():
            about, answers = event.poll_event, event.choices
            return Heard(name, event.type, sender, at, about, answers, edit=event.edit)
        case PollEnd():
            return Heard(name, ENDS[0], sender, at, event.poll_event, power=event.allowed)
        case Retraction():
            return Heard(name, REDACTION, sender, at, event.target, power=event.allowed)
