"""Take what came from the rooms: each event has its effect once, and none can stop the others."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot import replying
from bot.incoming import Message, NativeVote
from bot.limits import Verdict
from bot.router import NotUnderstood, Router
from commands import Answer, UserError
from storage import facts, inbox, polls, standing
from storage.database import Sessions
from storage.models import Quarantine
from storage.replies import Reply

log = logging.getLogger(__name__)

TOKEN = "sync_token"
"""The fact that says how far the bot has read."""


@dataclass
class Intake:
    """Where the edge hands over what it has read; `wake` starts the delivery of the replies."""

    sessions: Sessions
    router: Router
    wake: Callable[[], None]

    async def take(self, events: Sequence[Message | NativeVote], token: str | None) -> None:
        """Let all events have their effect, then move the token past them.

        Each event is one transaction; the last one carries the token. After a crash in between,
        the server sends the batch again and the inbox knows what was done.
        """
        wanted = [event for event in events if self._wanted(event)]
        for event in wanted:
            await self._guarded(event, token if event is wanted[-1] else None)
        if not wanted and token is not None:
            async with self.sessions.begin() as db:
                await facts.put(db, TOKEN, token)
        if wanted:
            self.wake()

    def _wanted(self, event: Message | NativeVote) -> bool:
        """Drop what is not for the bot before it costs anything."""
        try:
            return isinstance(event, NativeVote) or self.router.concerns(event)
        except Exception as error:
            log.error("%s in %s cannot be read: %r", event.event_id, event.room_id, type(error))
            return False

    async def _guarded(self, event: Message | NativeVote, token: str | None) -> None:
        """One event, one transaction; what it raises decides what is said instead."""
        try:
            async with self.sessions.begin() as db:
                await self._effect(db, event)
                await _move(db, token)
        except NotUnderstood as unclear:
            await self._reply(event, unclear.answer, token)
        except UserError as error:
            await self._reply(event, str(error), token)
        except Exception as error:
            log.exception("%s in %s failed", event.event_id, event.room_id)
            await self._failed(event, error, token)

    async def _effect(self, db: AsyncSession, event: Message | NativeVote) -> None:
        if isinstance(event, NativeVote):
            await _vote(db, event)
            return
        verdict = self.router.throttle.judge(event.sender, event.room_id, event.now)
        if verdict is Verdict.WARN:
            raise NotUnderstood(Reply(replying.SLOW_DOWN))
        if verdict is Verdict.ANSWER:
            await self.router.handle(db, event)

    async def _reply(self, event: Message | NativeVote, answer: Answer, token: str | None) -> None:
        async with self.sessions.begin() as db:
            if isinstance(event, Message):
                await self.router.reply(db, event, answer)
            await _move(db, token)

    async def _failed(
        self, event: Message | NativeVote, error: Exception, token: str | None
    ) -> None:
        async with self.sessions.begin() as db:
            row = Quarantine(
                event_id=event.event_id,
                room_id=event.room_id,
                type=type(event).__name__,
                sender=event.sender,
                error=type(error).__name__,
                at=event.now,
            )
            await inbox.quarantine(db, row)
            if isinstance(event, Message):
                await self.router.reply(db, event, replying.BROKEN)
            await _move(db, token)


async def _move(db: AsyncSession, token: str | None) -> None:
    if token is not None:
        await facts.put(db, TOKEN, token)


async def _vote(db: AsyncSession, vote: NativeVote) -> None:
    """Keep a native vote from a room of a course; whether it counts is decided at the end."""
    place = await standing.in_room(db, vote.room_id, vote.sender)
    if place is not None:
        await polls.cast_native(
            db,
            place.course.id,
            mxid=vote.sender,
            event_id=vote.event_id,
            poll_event=vote.poll_event,
            answers=list(vote.choices),
            at=vote.sent,
        )
