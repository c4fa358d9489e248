"""Read the rooms: one /sync at a time, gaps filled, the token moved only by the intake.

nio's own loop forgets a batch that a crash interrupts, floods a failing server and ignores gaps.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from nio import EncryptionError

from bot.incoming import (
    Attachment,
    Emoji,
    Incoming,
    Message,
    PollEnd,
    Retraction,
    Sealed,
    Unreadable,
)
from bot.intake import TOKEN, Intake
from bot.matrix.access import SignedOut
from bot.matrix.client import Client, Json
from bot.matrix.encryption import Encryption, KeysLost
from bot.matrix.entry import KEYS, mark
from bot.matrix.history import PAGE, History
from bot.matrix.rooms import Doorkeeper
from bot.matrix.state import Rooms, sound
from bot.matrix.translate import entries, part, sent, translate
from bot.obstacles import Broken, Forbidden, Rejected, Unreachable, pause_after
from commands import Quoted
from storage import facts, sealed
from storage.models import SealedEvent

log = logging.getLogger(__name__)

AWAY = timedelta(minutes=10)
"""After a longer absence, what is older than this counts as backlog."""

MOST_LOOKUPS = 5
"""As many messages are fetched at once because somebody put an emoji to them."""

MOST_KEYS = 100
"""As many hundreds of room keys are fetched at once; nobody may keep the bot busy with them."""

NO_ROOMS = json.dumps(
    {"presence": {"types": []}, "account_data": {"types": []}, "room": {"rooms": []}}
)
"""The filter for what is sent to the bot's device alone."""


@dataclass
class Reader:
    """Reads for the intake; the doorkeeper looks after the rooms that come and go.

    `read` is called whenever all that had happened so far has had its effect.
    """

    client: Client
    encryption: Encryption
    rooms: Rooms
    doorkeeper: Doorkeeper
    intake: Intake
    clock: Callable[[], datetime]
    read: Callable[[], None]
    window: int = PAGE

    def __post_init__(self) -> None:
        self._since: str | None = None
        self._read_until: datetime | None = None
        self._keys = ""
        self._history = History(self.client)
        self._filter = json.dumps(
            {
                "presence": {"types": []},
                "account_data": {"types": []},
                "room": {
                    "timeline": {"limit": self.window, "not_senders": [self.client.user_id]},
                    "ephemeral": {"types": []},
                    "account_data": {"types": []},
                },
            }
        )

    async def run(self) -> None:
        """Read until cancelled. Only `SignedOut` and `KeysLost` end it, all else is waited out."""
        async with self.intake.sessions() as db:
            self._since = await facts.get(db, TOKEN)
        first, failures, now = True, 0, asyncio.get_running_loop().time
        while True:
            began = now()
            try:
                await self._batch(self._since, first)
                self.read()
                first, failures = False, 0
            except (SignedOut, KeysLost):
                raise
            except Exception as trouble:
                failures += 1
                rest = pause_after(failures, now() - began)
                pause = max(getattr(trouble, "patience", 0.0), rest + 0.5)
                log.warning("cannot read: %s; again in %.0f s", _name(trouble), pause)
                await asyncio.sleep(pause)

    async def _batch(self, since: str | None, first: bool) -> None:
        """One /sync, handed over page by page, the last one with the token.

        Without a token all rooms are new, and what was said in them is not for the bot.
        """
        batch = await self.client.sync(since, self._filter, first)
        now, token = self.clock(), str(batch["next_batch"])
        self.rooms.update(batch)
        new_keys = await self._learn_keys(batch)
        await self.doorkeeper.notice(batch, now)
        events: list[Incoming] = []
        if since is not None:
            for room_id in filter(self.rooms.get, part(batch, "rooms", "join")):
                timeline = part(batch, "rooms", "join", room_id, "timeline")
                new = room_id in self.doorkeeper.joining
                async for said in self._history.pages(room_id, since, timeline, new):
                    if len(events) >= PAGE:
                        await self.intake.take(events, {})
                        events = []
                    events += await self._explained(self.understood(room_id, said, now))
        await self.intake.take(events, self._marks(token))
        self._since, self._read_until = token, now
        await self.doorkeeper.settle(batch)
        await self.encryption.tend()
        if new_keys or first:
            await self._read_sealed(now)

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

    async def _explained(self, events: Iterable[Incoming]) -> list[Incoming]:
        """With what the emoji are about that commands have to know of; of many, the first few."""
        found = [*events]
        wanted = [n for n, e in enumerate(found) if isinstance(e, Emoji) and self._wants(e)]
        for number in wanted[:MOST_LOOKUPS]:
            emoji = found[number]
            if isinstance(emoji, Emoji):
                found[number] = replace(emoji, quoted=await self._said(emoji))
        return found

    def _wants(self, emoji: Emoji) -> bool:
        return self.intake.router.wants(emoji)

    async def _said(self, emoji: Emoji) -> Quoted | None:
        """What this emoji was put to, if it is a text of somebody and can be read."""
        path = ("rooms", emoji.room_id, "event", emoji.target)
        try:
            event = await self.client.call("GET", *path)
        except (Unreachable, Broken, Forbidden, Rejected):
            return None
        if event.get("event_id") != emoji.target:
            return None
        for found in self.understood(emoji.room_id, [event], emoji.now):
            if isinstance(found, Message) and not (found.media or found.replaces):
                return Quoted(found.event_id, found.sender, found.body, found.sent)
        return None

    def _marks(self, token: str) -> dict[str, str]:
        """How far we are, in the rooms and with the keys."""
        marks = {TOKEN: token}
        keys = mark(self.encryption)
        if keys != self._keys:
            self._keys = marks[f"{KEYS}/{self.client.device_id}"] = keys
        return marks

    def understood(self, room_id: str, events: list[Json], now: datetime) -> Iterator[Incoming]:
        """The events as values, each guarded alone; old ones after an absence are backlog."""
        away = self._read_until is None or now - self._read_until > AWAY
        for event in events:
            event_id, sender = event.get("event_id"), event.get("sender")
            if not (sound(event_id, "$") and sound(sender, "@")):
                continue
            try:
                found = self._read(room_id, event, now)
            except Exception as error:
                yield Unreadable(event_id, room_id, sender, type(error).__name__, now)
                continue
            if isinstance(found, Message | Attachment | Emoji) and away and now - found.sent > AWAY:
                found = replace(found, backlog=True)
            if found is not None:
                yield found

    def _read(self, room_id: str, event: Json, now: datetime) -> Incoming | None:
        """One event, decrypted where that is possible."""
        bot, room = self.client.user_id, self.rooms.get(room_id)
        exposed = encrypted = room is not None and room.encryption is not None
        if event.get("type") == "m.room.encrypted" and event.get("sender") != bot:
            try:
                event, exposed = self.encryption.unseal(room_id, event), False
            except EncryptionError:
                who, name = event["sender"], event["event_id"]
                return Sealed(name, room_id, who, event, sent(event, now), now)
        direct = self.rooms.direct(room_id)
        found = translate(event, room_id=room_id, bot=bot, direct=direct, now=now)
        if isinstance(found, Attachment):  # in the open, the server could have made it up
            told = exposed or (encrypted and "url" in found.source)
            return found.typed if told else found
        if isinstance(found, Emoji | Message):
            return replace(found, exposed=True) if exposed else found
        if isinstance(found, PollEnd | Retraction):
            return replace(found, allowed=room is not None and room.may_redact(found.sender))
        return found

    async def _read_sealed(self, now: datetime) -> None:
        """Keys have come: try again what could not be read before."""
        last: SealedEvent | None = None
        while True:
            async with self.intake.sessions() as db:
                rows = await sealed.waiting(db, last)
            for last in rows:
                await self._try_again(last, now)
            if not rows:
                return

    async def _try_again(self, row: SealedEvent, now: datetime) -> None:
        found = [*self.understood(row.room_id, [row.source], now)]
        if not (found and isinstance(found[0], Sealed)):
            await self.intake.take([self._late(event, row) for event in found], {})
            async with self.intake.sessions.begin() as db:
                await sealed.drop(db, row.event_id)

    def _late(self, event: Incoming, row: SealedEvent) -> Incoming:
        """What was readable only long after it came is answered like backlog."""
        if isinstance(event, Message | Attachment | Emoji) and event.now - row.at > AWAY:
            return replace(event, backlog=True)
        return event


def _name(trouble: Exception) -> str:
    """What went wrong, without anything that somebody wrote."""
    known = isinstance(trouble, Unreachable | Broken | Forbidden | Rejected)
    return str(trouble) if known else type(trouble).__name__
