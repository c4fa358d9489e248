"""What a real homeserver passes on of all that is wrong changes nothing, either."""

import asyncio
import contextlib
import json
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import aiohttp
import pytest
from yarl import URL

from bot.homeserver import Homeserver
from bot.participant.connection import Connection
from tests.matrix.cohort import INFO, PASSWORD, TALK, Cohort, cohort, times
from tests.matrix.hostile import Device, Malice, may_ask, silent, wire

AT_ONCE = 20


@dataclass
class Intruder:
    """Somebody with a device of their own making."""

    connection: Connection
    http: aiohttp.ClientSession
    token: str
    device: Device
    taken: Counter[str] = field(default_factory=Counter)

    async def meet(self, bot: str, rooms: Sequence[str]) -> None:
        """Begin an Olm session with the bot, and give it a key for each room."""
        call, shown = self.connection.call, self.device.described()
        await call("POST", "keys", "upload", body={"device_keys": shown})
        known = await call("POST", "keys", "query", body={"device_keys": {bot: []}})
        ((name, theirs),) = known["device_keys"][bot].items()
        claim = {"one_time_keys": {bot: {name: "signed_curve25519"}}}
        claimed = (await call("POST", "keys", "claim", body=claim))["one_time_keys"][bot][name]
        self.device.meet(theirs, next(iter(claimed.values()))["key"])
        for room in rooms:
            payload = self.device.payload("m.room_key", self.device.room_key(room))
            await self.write(bot, "m.room.encrypted", self.device.olm(wire(payload)))

    async def write(self, whom: str, kind: str, content: object) -> None:
        """Try to send a to-device message."""
        await self._put("sendToDevice", kind, content={"messages": {whom: {"*": content}}})

    async def say(self, room: str, kind: str, content: object) -> str:
        """Try to say something; the event id if it was taken."""
        return await self._put("rooms", room, "send", kind, content=content)

    async def decree(self, room: str, kind: str, key: str, content: object) -> None:
        """Try to change the state of a room."""
        await self._put("rooms", room, "state", kind, key, content=content, last="")

    async def _put(self, *path: str, content: object, last: str = "/{}") -> str:
        address = "/".join(quote(part or "x", safe="") for part in path)
        url = URL(f"/_matrix/client/v3/{address}{last.format(secrets.token_hex(8))}", encoded=True)
        headers = {"Authorization": f"Bearer {self.token}"}
        async with self.http.put(url, data=wire(content), headers=headers) as response:
            self.taken[f"{path[0]} {response.status}"] += 1
            said = await response.read()
            return str(json.loads(said).get("event_id", "")) if response.status == 200 else ""


@contextlib.asynccontextmanager
async def intruding(homeserver: Homeserver, user_id: str) -> AsyncIterator[Intruder]:
    """A new device of an account."""
    name = {"type": "m.id.user", "user": user_id}
    login = {"type": "m.login.password", "identifier": name, "password": PASSWORD}
    async with Connection(homeserver.base_url, user_id) as connection:
        known = await connection.call("POST", "login", body=login)
    token, device = known["access_token"], Device(user_id, known["device_id"])
    async with (
        Connection(homeserver.base_url, user_id, token) as connection,
        aiohttp.ClientSession(homeserver.base_url) as http,
    ):
        yield Intruder(connection, http, token, device)


@dataclass
class Raid:
    """A participant, their leader and a stranger against a bot in its course."""

    course: Cohort
    malice: Malice
    member: Intruder
    leader: Intruder
    stranger: Intruder
    asked: set[str] = field(default_factory=set)

    async def offend(self) -> None:
        """Send one event of some kind."""
        malice, room = self.malice, self.malice.dice.choice(self.malice.rooms)
        match malice.dice.randrange(12):
            case 0 | 1:
                await self._write()
            case 2 | 3 | 4:
                await self._seal(room)
            case 5 | 6:
                event = malice.state()
                kind, key, content = event["type"], event["state_key"], self._spoilt(event)
                await self.leader.decree(self.course.rooms[INFO], kind, key, content)
            case _:
                event = malice.said()
                content = self._spoilt(event)
                name = await self.member.say(room, event["type"], content)
                if may_ask(event | {"content": content}, direct=True):
                    self.asked.add(name)

    def _spoilt(self, event: dict) -> object:
        return self.malice.spoil(event["content"], self.malice.dice.randrange(3))

    async def _write(self) -> None:
        """A message to the bot's device, that it cannot decrypt."""
        event, who = self.malice.to_device(), self.malice.dice.choice((self.member, self.stranger))
        await who.write(self.course.bot, event["type"], self._spoilt(event))

    async def _seal(self, room: str) -> None:
        """Something that the bot can decrypt, with anything in it."""
        malice, device = self.malice, self.member.device
        if malice.dice.random() < 0.3:
            payload = device.payload("m.room_key", Device("@a:b").room_key(room))
            plain = malice.dice.choice((wire(malice.spoil(payload)), b"{", b"\xff"))
            return await self.member.write(self.course.bot, "m.room.encrypted", device.olm(plain))
        inner = {"type": "m.room.message", "content": malice.content("m.room.message")}
        plain = malice.dice.choice((wire(malice.spoil(inner | {"room_id": room})), b"[]", b"\xff"))
        sealed = device.megolm(room, plain)
        self.asked.add(await self.member.say(room, "m.room.encrypted", sealed))
        return None

    async def answers(self) -> Counter[str]:
        """What the bot has said so far, by cause."""
        rooms = (*self.course.rooms.values(), *self.course.direct.values())
        said = [event for room in rooms for event in await self.course.timeline(room)]
        ours = [e for e in said if e.sender == self.course.bot and e.state_key is None]
        return Counter(str(event.content.get("de.kursbot.cause")) for event in ours)

    async def honest(self) -> None:
        """Somebody else asks in both kinds of rooms, and is answered within 5 seconds."""
        person = self.course.people["tn02"]
        for room in (self.course.direct["tn02"], self.course.rooms[TALK]):
            self.asked.add(await person.say(room, "!hilfe"))
            await person.wait_for(lambda e, room=room: e.room == room and "!orga" in e.body, 5)


async def survives(homeserver: Homeserver, folder: Path, count: int, seed: int) -> None:
    """So many events, as far as Synapse takes them."""
    print(f"seed {seed}")
    async with contextlib.AsyncExitStack() as stack:
        course = await stack.enter_async_context(cohort(homeserver, folder, 2))
        course.service.read(course.course(times(datetime.now(UTC), 3600)))
        await course.arrive()
        await course.register("fremd")
        three = [intruding(homeserver, course.user_id(n)) for n in ("tn01", "leitung", "fremd")]
        hands = [await stack.enter_async_context(one) for one in three]
        rooms = [course.rooms[TALK], course.direct["tn01"]]
        people = [course.user_id(name) for name in ("tn01", "tn02", "leitung")]
        malice = Malice(seed, course.bot, people, rooms, int(time.time() * 1000))
        raid = Raid(course, malice, *hands)
        await raid.member.meet(course.bot, rooms)
        before = await raid.answers()
        for _ in range(count // AT_ONCE):
            await asyncio.gather(*(raid.offend() for _ in range(AT_ONCE)))
        await raid.honest()
        answers = await raid.answers() - before
        print(f"{sum((hand.taken for hand in hands), Counter())}, {answers.total()} answers")
        assert await course.service.stop() == 0
        unasked = {cause for cause in answers if cause.startswith("prüfung/")}  # on arrival
        assert answers.keys() - raid.asked == unasked
        assert {cause: count for cause, count in answers.items() if count > 1} == {}
        silent(course.service)


async def test_a_raid_changes_nothing(homeserver: Homeserver, tmp_path: Path) -> None:
    await survives(homeserver, tmp_path, 200, secrets.randbelow(1_000_000))


@pytest.mark.soak
async def test_five_thousand_events(homeserver: Homeserver, tmp_path: Path) -> None:
    await survives(homeserver, tmp_path, 5_000, secrets.randbelow(1_000_000))
