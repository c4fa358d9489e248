"""Read the rooms: one /sync at a time, gaps filled, the token moved only by the intake.

nio's own loop forgets a batch that a crash interrupts, floods a failing server and ignores gaps.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import quote

from nio import EncryptionError

from bot.incoming import Incoming, Message, Sealed
from bot.intake import TOKEN, Intake
from bot.matrix.client import Client, Json, SignedOut
from bot.matrix.encryption import Encryption, KeysLost
from bot.matrix.entry import mark
from bot.matrix.rooms import Doorkeeper
from bot.matrix.state import Rooms
from bot.matrix.translate import entries, part, sent, translate
from bot.outbox import Broken, Forbidden, Rejected, Unreachable, pause_after
from storage import facts, sealed
from storage.models import SealedEvent

log = logging.getLogger(__name__)

AWAY = timedelta(minutes=10)
"""After a longer absence, what is older than this counts as backlog."""

PAGE = 100
"""Events per request; Synapse never sends more."""

KEYS = "keys"
"""The fact that says which device has keys, and how old they are: see `entry.mark`."""

MOST_PAGES = 10
"""As far as the bot's own join is looked for."""

MOST_KEYS = 100
"""As many hundreds of room keys are fetched at once; nobody may keep the bot busy with them."""

NO_ROOMS: Json = {"presence": {"types": []}, "account_data": {"types": []}, "room": {"rooms": []}}
"""The filter for what is sent to the bot's device alone."""


@dataclass
class Reader:
    """Reads for the intake; the doorkeeper looks after the rooms that come and go."""

    client: Client
    encryption: Encryption
    rooms: Rooms
    doorkeeper: Doorkeeper
    intake: Intake
    clock: Callable[[], datetime]
    ready: Callable[[], None]
    window: int = PAGE

    def __post_init__(self) -> None:
        self._read_until: datetime | None = None
        self._keys = ""
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
        """Read until cancelled. Only `SignedOut` and `KeysLost` end it, all else is waited out."""
        async with self.intake.sessions() as db:
            since = await facts.get(db, TOKEN)
        first, failures = True, 0
        while True:
            try:
                since = await self._batch(since, first)
                if first:
                    self.ready()
                first, failures = False, 0
            except (SignedOut, KeysLost):
                raise
            except Exception as trouble:
                failures += 1
                pause = max(getattr(trouble, "patience", 0.0), pause_after(failures) + 0.5)
                log.warning("cannot read: %s; again in %.0f s", _name(trouble), pause)
                await asyncio.sleep(pause)

    async def _batch(self, since: str | None, first: bool) -> str:
        """One /sync, handed over page by page, the last one with the new token, which is returned.

        Without a token all rooms are new, and what was said in them is not for the bot.
        """
        batch = await self.client.sync(since, self.filter, first)
        now, token = self.clock(), str(batch["next_batch"])
        self.rooms.update(batch)
        new_keys = await self._learn_keys(batch)
        await self.doorkeeper.notice(batch, now)
        events: list[Incoming] = []
        if since is not None:
            for room_id, room in part(batch, "rooms", "join").items():
                async for said in self._timeline(room_id, since, part(room, "timeline")):
                    if len(events) >= PAGE:
                        await self.intake.take(events, {})
                        events = []
                    events += self._understood(room_id, said, now)
        await self.intake.take(events, self._marks(token))
        self._read_until = now
        await self.doorkeeper.settle(batch)
        await self.encryption.tend()
        if new_keys or first:
            await self._read_sealed(now)
        return token

    def _marks(self, token: str) -> dict[str, str]:
        """How far we are, in the rooms and with the keys."""
        marks = {TOKEN: token}
        keys = mark(self.encryption)
        if keys != self._keys:
            self._keys = marks[KEYS] = keys
        return marks

    async def _learn_keys(self, batch: Json) -> bool:
        """Take in the keys that came, and those that the server still has; whether there were any.

        It gives only so many at once, and after a long absence there are more: what they open
        would have to be kept, and not all of it can be.
        """
        new_keys = self.encryption.receive(batch)
        for _ in range(MOST_KEYS):
            if len(entries(part(batch, "to_device"), "events")) < PAGE:
                break
            batch = await self.client.sync(str(batch["next_batch"]), NO_ROOMS, first=True)
            self.encryption.receive(batch)
        return new_keys

    async def _timeline(
        self, room_id: str, since: str, timeline: Json
    ) -> AsyncIterator[list[Json]]:
        """All that was said since the token, oldest first, also what the server left out."""
        if room_id in self.doorkeeper.joining:
            yield await self._since_join(room_id)
            return
        if timeline.get("limited"):
            async for page in self._gap(room_id, since, str(timeline.get("prev_batch"))):
                yield page
        yield entries(timeline, "events")

    async def _gap(self, room_id: str, since: str, until: str) -> AsyncIterator[list[Json]]:
        """What lies between the token and the oldest event that /sync showed, page by page."""
        while since:
            query = f"?dir=f&limit={PAGE}&from={quote(since)}&to={quote(until)}"
            page = await self.client.call("GET", "rooms", room_id, "messages", query=query)
            chunk = entries(page, "chunk")
            yield chunk
            since = str(page.get("end", "")) if chunk else ""

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

    def _understood(self, room_id: str, events: list[Json], now: datetime) -> Iterator[Incoming]:
        """The events as values, each guarded alone; old ones after an absence are backlog."""
        away = self._read_until is None or now - self._read_until > AWAY
        for event in events:
            try:
                found = self._read(room_id, event, now)
            except Exception as error:
                log.error("an event in %s cannot be read: %s", room_id, type(error).__name__)
                continue
            if isinstance(found, Message) and away and now - found.sent > AWAY:
                found = replace(found, backlog=True)
            if found is not None:
                yield found

    def _read(self, room_id: str, event: Json, now: datetime) -> Incoming | None:
        """One event, decrypted where that is possible."""
        bot = self.client.user_id
        if event.get("type") == "m.room.encrypted" and event.get("sender") != bot:
            try:
                event = self.encryption.unseal(room_id, event)
            except EncryptionError:
                who, name = str(event["sender"]), str(event["event_id"])
                return Sealed(name, room_id, who, event, sent(event, now), now)
        direct = self.rooms.direct(room_id)
        return translate(event, room_id=room_id, bot=bot, direct=direct, now=now)

    async def _read_sealed(self, now: datetime) -> None:
        """Keys have come: try again what could not be read before."""
        async with self.intake.sessions() as db:
            rows = await sealed.waiting(db)
        for row in rows:
            found = [*self._understood(row.room_id, [row.source], now)]
            if not (found and isinstance(found[0], Sealed)):
                await self.intake.take([self._late(event, row) for event in found], {})
                async with self.intake.sessions.begin() as db:
                    await sealed.drop(db, row.event_id)

    def _late(self, event: Incoming, row: SealedEvent) -> Incoming:
        """What was readable only long after it came is answered like backlog."""
        old = isinstance(event, Message) and event.now - row.at > AWAY
        return replace(event, backlog=True) if isinstance(event, Message) and old else event


def _name(trouble: Exception) -> str:
    """What went wrong, without anything that somebody wrote."""
    known = isinstance(trouble, Unreachable | Broken | Forbidden | Rejected)
    return str(trouble) if known else type(trouble).__name__
