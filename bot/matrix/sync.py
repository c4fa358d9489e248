"""Read the rooms: one /sync at a time, gaps filled, the token moved only by the intake.

nio's own loop forgets a batch that a crash interrupts, floods a failing server and ignores gaps.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import quote

from bot.incoming import Message, NativeVote
from bot.intake import TOKEN, Intake
from bot.matrix.client import Client, Json, SignedOut
from bot.matrix.rooms import Doorkeeper
from bot.matrix.translate import entries, part, translate
from bot.outbox import Broken, Forbidden, Rejected, Unreachable, pause_after
from storage import facts

log = logging.getLogger(__name__)

AWAY = timedelta(minutes=10)
"""After a longer absence, what is older than this counts as backlog."""

PAGE = 100
"""Events per request; Synapse never sends more."""

MOST_PAGES = 10
"""As far as the bot's own join is looked for."""


@dataclass
class Reader:
    """Reads for the intake; the doorkeeper looks after the rooms that come and go."""

    client: Client
    intake: Intake
    doorkeeper: Doorkeeper
    clock: Callable[[], datetime]
    ready: Callable[[], None]
    window: int = PAGE

    def __post_init__(self) -> None:
        self._read_until: datetime | None = None
        self.filter = {
            "presence": {"types": []},
            "account_data": {"types": []},
            "room": {
                "timeline": {"limit": self.window, "not_senders": [self.client.user_id]},
                "ephemeral": {"types": []},
                "account_data": {"types": []},
            },
        }

    async def run(self) -> None:
        """Read until cancelled. Only `SignedOut` ends it; every other trouble is waited out."""
        async with self.intake.sessions() as db:
            since = await facts.get(db, TOKEN)
        first, failures = True, 0
        while True:
            try:
                since = await self._batch(since, first)
                if first:
                    self.ready()
                first, failures = False, 0
            except SignedOut:
                raise
            except Exception as trouble:
                failures += 1
                pause = max(getattr(trouble, "patience", 0.0), pause_after(failures) + 0.5)
                log.warning("cannot read: %s; again in %.0f s", _name(trouble), pause)
                self.client.nio.next_batch = since or ""
                await asyncio.sleep(pause)

    async def _batch(self, since: str | None, first: bool) -> str:
        """One /sync, handed over as a whole; the new token.

        Without a token all rooms are new, and what was said in them is not for the bot.
        """
        batch = await self.client.sync(since, self.filter, first)
        now, token = self.clock(), str(batch["next_batch"])
        await self.doorkeeper.notice(batch, now)
        events: list[Message | NativeVote] = []
        if since is not None:
            for room_id, room in part(batch, "rooms", "join").items():
                said = await self._timeline(room_id, since, part(room, "timeline"))
                events += self._understood(room_id, said, now)
        await self.intake.take(events, token)
        self._read_until = now
        await self.doorkeeper.settle(batch)
        return token

    async def _timeline(self, room_id: str, since: str, timeline: Json) -> list[Json]:
        """All that was said since the token, oldest first, also what the server left out."""
        shown = entries(timeline, "events")
        if room_id in self.doorkeeper.joining:
            return await self._since_join(room_id)
        if timeline.get("limited"):
            return await self._gap(room_id, since, str(timeline.get("prev_batch"))) + shown
        return shown

    async def _gap(self, room_id: str, since: str, until: str) -> list[Json]:
        """What lies between the token and the oldest event that /sync showed, page by page."""
        found: list[Json] = []
        while since:
            query = f"?dir=f&limit={PAGE}&from={quote(since)}&to={quote(until)}"
            page = await self.client.call("GET", "rooms", room_id, "messages", query=query)
            chunk = entries(page, "chunk")
            found += chunk
            since = str(page.get("end", "")) if chunk else ""
        return found

    async def _since_join(self, room_id: str) -> list[Json]:
        """What was said after the bot joined: its own join is the baseline of a room."""
        found: list[Json] = []
        query = f"?dir=b&limit={PAGE}"
        for _ in range(MOST_PAGES):
            page = await self.client.call("GET", "rooms", room_id, "messages", query=query)
            for event in entries(page, "chunk"):
                if event.get("state_key") == self.client.user_id:
                    return found[::-1]
                found.append(event)
            if not page.get("end"):
                break
            query = f"?dir=b&limit={PAGE}&from={quote(page['end'])}"
        return []

    def _understood(
        self, room_id: str, events: list[Json], now: datetime
    ) -> Iterator[Message | NativeVote]:
        """The events as values, each guarded alone; old ones after an absence are backlog."""
        direct = self.doorkeeper.direct(room_id)
        away = self._read_until is None or now - self._read_until > AWAY
        for event in events:
            try:
                found = translate(
                    event, room_id=room_id, bot=self.client.user_id, direct=direct, now=now
                )
            except Exception as error:
                log.error("an event in %s cannot be read: %s", room_id, type(error).__name__)
                continue
            if isinstance(found, Message) and away and now - found.sent > AWAY:
                found = replace(found, backlog=True)
            if found is not None:
                yield found


def _name(trouble: Exception) -> str:
    """What went wrong, without anything that somebody wrote."""
    known = isinstance(trouble, Unreachable | Broken | Forbidden | Rejected)
    return str(trouble) if known else type(trouble).__name__
