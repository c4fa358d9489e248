"""One person says everything that costs something, a hundred times a second."""

import asyncio
import math
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from random import Random

from bot.participant import POLL_RESPONSE, Json, Participant
from tests.matrix.cohort import TALK, Cohort
from tests.matrix.fake_homeserver import FakeHomeserver

RATE = 100
BATCH = 10
AT_ONCE = 4
DIRECT = "!direct:fake"
COMMANDS = ("!hilfe", "!programm", "!suche Foto")


@dataclass
class Flood:
    """A flood through a homeserver that may be slower than it."""

    person: Participant
    room: str
    dice: Random
    poll: str
    sent: int = 0
    seconds: float = 0
    total: float = 0

    async def goes_on(self, seconds: float) -> None:
        """As fast as the homeserver takes it, but not faster than intended."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as hands:
            for _ in range(AT_ONCE):
                hands.create_task(self._until(began, seconds))
        self.seconds = time.monotonic() - began
        self.total += self.seconds

    async def _until(self, began: float, seconds: float) -> None:
        while (late := time.monotonic() - began) < seconds:
            if self.sent > late * RATE:
                await asyncio.sleep(1 / RATE)
                continue
            self.sent += 1
            await self._something()

    async def _something(self) -> None:
        person, room = self.person, self.room
        match self.dice.randrange(10):
            case 0:
                await person.send(room, POLL_RESPONSE, vote(self.poll))
            case 1:
                await person.send(room, "m.room.encrypted", garbage())
            case 2 | 3 | 4:
                await person.say(room, f"Nur so, {self.sent}.")
            case _:
                await person.say(room, self.dice.choice(COMMANDS))


@dataclass
class Stream:
    """A flood from a homeserver that is never out of breath, in batches."""

    course: Cohort
    server: FakeHomeserver
    dice: Random
    asked: dict[str, tuple[str, float]] = field(default_factory=dict)
    ids: Iterator[int] = field(default_factory=count)

    async def flows(self, seconds: float) -> None:
        """Exactly the rate; two others ask something now and then, one in the same room."""
        loop, room = asyncio.get_running_loop(), self.course.rooms[TALK]
        began = loop.time()
        for batch in range(int(seconds * RATE / BATCH)):
            said = {room: [self._noise() for _ in range(BATCH)]}
            if batch % 22 == 0:
                said[room].append(self._question("tn02"))
                said[DIRECT] = [self._question("tn03")]
            join = {r: {"timeline": {"events": events}} for r, events in said.items()}
            self.server.feed({"rooms": {"join": join}})
            await asyncio.sleep(max(0, began + (batch + 1) * BATCH / RATE - loop.time()))

    def _noise(self) -> Json:
        match self.dice.randrange(10):
            case 0:
                return self._event("tn01", POLL_RESPONSE, vote("$poll"))
            case 1:
                return self._event("tn01", "m.room.encrypted", garbage())
            case 2 | 3 | 4:
                return self._event("tn01", "m.room.message", text("Nur so."))
        return self._event("tn01", "m.room.message", text(self.dice.choice(COMMANDS)))

    def _question(self, name: str) -> Json:
        event = self._event(name, "m.room.message", text("!hilfe"))
        self.asked[event["event_id"]] = name, asyncio.get_running_loop().time()
        return event

    def _event(self, name: str, kind: str, content: Json) -> Json:
        return {
            "type": kind,
            "event_id": f"${next(self.ids)}",
            "sender": self.course.user_id(name),
            "origin_server_ts": int(time.time() * 1000),
            "content": content,
        }

    async def over(self) -> bool:
        """Whether both have all their answers."""
        return math.inf not in self.waits("tn02") + self.waits("tn03")

    def waits(self, name: str) -> list[float]:
        """The seconds that each answer to somebody took, for ever if there was none."""
        heard = {sent.cause: sent.at for sent in self.server.sent}
        return [
            heard.get(event_id, math.inf) - at
            for event_id, (who, at) in self.asked.items()
            if who == name
        ]


def text(body: str) -> Json:
    return {"msgtype": "m.text", "body": body, "m.mentions": {}}


def vote(poll: str) -> Json:
    relation = {"rel_type": "m.reference", "event_id": poll}
    return {"m.relates_to": relation, POLL_RESPONSE: {"answers": ["1"]}}


def garbage() -> Json:
    return {
        "algorithm": "m.megolm.v1.aes-sha2",
        "session_id": secrets.token_urlsafe(32),
        "ciphertext": secrets.token_urlsafe(200),
        "sender_key": secrets.token_urlsafe(32),
        "device_id": "FLOOD",
    }
