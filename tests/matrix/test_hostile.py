"""Nothing that anybody sends ends the bot, makes it talk, or stops it from answering others."""

import contextlib
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage import outbox
from tests import databases
from tests.matrix.cohort import INFO, ORGA, PASSWORD, TALK, Cohort, times
from tests.matrix.fake_homeserver import FakeHomeserver, serving
from tests.matrix.hostile import Device, Json, Malice, may_ask, silent, wire
from tests.matrix.service import Service, eventually

NAMES = ("leitung", *(f"tn{number:02}" for number in range(1, 17)))
CALM, SEALED = "!calm:fake", "!sealed:fake"
BATCH = 20
GARBAGE = (
    b"",
    b"null",
    b"{}",
    b"[" * 200_000,
    b'{"next_batch": ["s1"]}',
    b"<html>Bad Gateway</html>",
    b'{"next_batch": "s1", "rooms": {"join": {"!a:b": {"timel',
)


@dataclass
class Siege:
    """A bot on a fake homeserver, and somebody who means it harm."""

    server: FakeHomeserver
    course: Cohort
    malice: Malice
    device: Device
    asked: set[str] = field(default_factory=set)

    @property
    def plaza(self) -> str:
        """The room that stays full of people; in others, somebody may be alone with the bot."""
        return self.course.rooms[INFO]

    async def meet(self) -> None:
        """Give the bot a key for each room, as an honest device does."""
        self.device.meet(self.server.device, self.server.claim())
        self.server.feed(self.malice.batch([], [self._key(r) for r in self.malice.rooms], False))
        await self.accepted()

    async def attack(self, count: int) -> None:
        """Feed so many events, in batches, and some garbage in between."""
        for _ in range(count // BATCH):
            events = [self._event() for _ in range(BATCH)]
            said = [(room, event) for room, event in events if room]
            letters = [event for room, event in events if not room]
            self.server.feed(wire(self.malice.batch(said, letters)))
            if self.malice.dice.random() < 0.3:
                self.server.pages.append(self._page())
            if len(self.server.pages) > 5:
                await self.accepted()

    async def accepted(self) -> None:
        async def done() -> bool:
            return self.server.accepted()

        await eventually(done, 60, 0.01)

    def _event(self) -> tuple[str, object]:
        """One event and its room; none for a to-device message."""
        malice, room = self.malice, self.malice.dice.choice(self.malice.rooms)
        match malice.dice.randrange(20):
            case 0 | 1:
                return "", malice.spoiled(malice.to_device(self.server.device_key))
            case 2 | 3:
                return "", self._letter()
            case 4 | 5:
                event = self._sealed(room)
            case 6 | 7 | 8 if room != self.plaza:
                event = malice.spoiled(malice.state())
            case _:
                event = malice.spoiled(malice.said())
        self._note(room, event)
        return room, event

    def _letter(self) -> Json:
        """A to-device message that can be decrypted, with anything in it."""
        malice, room = self.malice, self.malice.dice.choice(self.malice.rooms)
        kinds = ("m.room_key", "m.forwarded_room_key", "m.dummy", "m.secret.send", "new")
        spare = Device(self.device.user_id)
        payload = self.device.payload(malice.dice.choice(kinds), spare.room_key(room))
        return self._to_device(malice.dice.choice((wire(malice.spoiled(payload)), b"{", b"\xff")))

    def _key(self, room: str) -> Json:
        return self._to_device(wire(self.device.payload("m.room_key", self.device.room_key(room))))

    def _to_device(self, plain: bytes) -> Json:
        return {
            "type": "m.room.encrypted",
            "sender": self.device.user_id,
            "content": self.device.olm(plain),
        }

    def _sealed(self, room: str) -> Json:
        """A message of a room that can be decrypted, with anything in it."""
        malice = self.malice
        inner = {"type": "m.room.message", "content": malice.content("m.room.message")}
        plain = malice.dice.choice(
            (wire(malice.spoil(inner | {"room_id": room})), b"", b"[]", b"\xff", b"\x00", b"{")
        )
        more = {"sender": self.device.user_id}
        return malice.envelope("m.room.encrypted", self.device.megolm(room, plain), **more)

    def devices(self, user: str) -> Json:
        """Those of somebody, as keys/query shows them."""
        malice, one, two = self.malice, Device(user, "ONE"), Device(user, "TWO")
        spare = {"ONE": malice.spoil(one.described()), "TWO": two.described(malice.spoil)}
        known = {self.device.device_id: self.device.described()}
        return spare | known if user == self.device.user_id else spare

    def one_time_keys(self, user: str, device: str) -> Json:
        """As keys/claim shows them; that of the one device with a good name is sound."""
        spoilt = 0 if device == self.device.device_id else self.malice.dice.randrange(3)
        return self.malice.spoil(self.device.one_time_key(), spoilt)

    def _page(self) -> bytes:
        """An answer to /messages, of whatever room the bot asks about next."""
        malice = self.malice
        chunk = [malice.spoiled(malice.said()) for _ in range(3)]
        for event in chunk:
            self._note("", event)
        page = {"start": "a", "end": f"e{malice.name()}", "chunk": chunk}
        return wire(malice.spoil(page, malice.dice.randrange(3)))

    def _note(self, room: str, event: object) -> None:
        name = event.get("event_id") if isinstance(event, dict) else None
        if isinstance(name, str) and name.isascii() and may_ask(event, room != self.plaza):
            self.asked.add(name)


@contextlib.asynccontextmanager
async def besieged(folder: Path, seed: int) -> AsyncIterator[Siege]:
    """A bot in its course, whom nobody has harmed yet."""
    print(f"seed {seed}")
    async with serving("kursbot-x") as server:
        rooms = {kind: f"!{kind}:fake" for kind in (INFO, TALK, ORGA)}
        people = dict.fromkeys(NAMES)
        course = Cohort(server, Service(folder), key="x", people=people, rooms=rooms)
        everybody = [course.user_id(name) for name in NAMES]
        for kind in (INFO, TALK):
            server.room(rooms[kind], everybody)
        server.room(rooms[ORGA], everybody[:1])
        people = dict(zip(("!d1:fake", "!d2:fake", SEALED, CALM), everybody[1:5], strict=True))
        for room, person in people.items():
            sealed = {"encryption": {"algorithm": "m.megolm.v1.aes-sha2"}} if room == SEALED else {}
            server.room(room, [person], **sealed)
        course.service.configure(server.base_url, course.bot, PASSWORD)
        course.service.read(course.course(times(datetime.now(UTC), 3600)))
        course.service.start()
        try:
            await course.service.ready()
            targets = [*rooms.values(), *people][:-1]
            now = int(time.time() * 1000)
            malice = Malice(seed, course.bot, everybody[:4], targets, now)
            siege = Siege(server, course, malice, Device(everybody[3]))
            server.devices, server.one_time_keys = siege.devices, siege.one_time_keys
            yield siege
        finally:
            course.service.kill()


async def endures(folder: Path, count: int, seed: int) -> None:
    async with besieged(folder, seed) as siege:
        await siege.meet()
        rounds = 1 if count < 10_000 else len(GARBAGE)
        for raw in siege.malice.dice.sample(GARBAGE, rounds):
            siege.server.say(raw)
            await siege.attack(count // rounds)
            await siege.accepted()
        for room in (CALM, siege.plaza):
            await answers(siege, room)
        assert await siege.course.service.stop() == 0
        check(siege)


def asks(siege: Siege, room: str, sender: str) -> Json:
    """Let somebody type a command now."""
    question = {"msgtype": "m.text", "body": "!hilfe", "m.mentions": {}}
    event = siege.malice.envelope("m.room.message", question, sender=sender)
    event["origin_server_ts"] = int(time.time() * 1000)
    siege.server.feed(siege.malice.batch([(room, event)], [], False))
    return event


async def answers(siege: Siege, room: str) -> None:
    """Whether somebody honest gets an answer within 5 seconds."""
    event = asks(siege, room, siege.course.user_id("tn04"))
    siege.asked.add(event["event_id"])

    async def answered() -> bool:
        return any(sent.cause == event["event_id"] for sent in siege.server.sent)

    await eventually(answered, 5, 0.01)


def check(siege: Siege) -> None:
    """Nothing said unasked or twice."""
    causes = Counter(sent.cause for sent in siege.server.sent)
    course = siege.course
    arrivals = {f"prüfung/kurs-{course.key}/{room}" for room in course.rooms.values()}  # unasked
    written = databases.query(course.service.url, "SELECT cause FROM outbox")
    sealed = {outbox.transaction_id(cause): cause for (cause,) in written}  # went out encrypted
    known = siege.asked | arrivals
    said = {sealed.get(cause, cause) for cause in causes}
    assert {cause for cause in said if cause.partition("#")[0] not in known} == set()
    assert {cause: count for cause, count in causes.items() if count > 1} == {}
    print(f"{len(causes)} answers, {len(siege.server.to_device)} to devices")
    silent(siege.course.service)


async def test_only_a_person_is_answered(tmp_path: Path) -> None:
    async with besieged(tmp_path / "bot", secrets.randbelow(1_000_000)) as siege:
        for sender in ("!orga:fake", "#tn04-x:fake", "$tn04-x:fake", "tn04-x:fake", "@"):
            for room in (siege.plaza, CALM):
                asks(siege, room, sender)
        await answers(siege, siege.plaza)
        check(siege)


async def test_hostile_events_change_nothing(tmp_path: Path) -> None:
    await endures(tmp_path / "bot", 1_800, secrets.randbelow(1_000_000))


@pytest.mark.soak
async def test_a_hundred_thousand_of_them(tmp_path: Path) -> None:
    await endures(tmp_path / "bot", 95_000, secrets.randbelow(1_000_000))
