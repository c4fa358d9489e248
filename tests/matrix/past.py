"""What people did while the bot was away: written now, dated back, encrypted if need be."""

import asyncio
import json
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import cycle
from pathlib import Path
from random import Random

from bot.homeserver import Homeserver
from bot.participant import POLL_RESPONSE, Event, Participant
from bot.participant.connection import Connection
from bot.participant.events import SEALED
from tests.matrix.cohort import INFO, ORGA, TALK, Cohort

UNDER_ONE_KEY = 20
"""Clients change the key of a room often, and each key is a message of its own to each device."""

QUESTIONS = ("!programm", "!link", "!hilfe", "!suche Foto")
TALK_OF_THE_DAY = (
    *("Nur so, {n}.", "Guten Morgen zusammen!", "Danke für die Folien zu {n}", "Wer kommt mit?"),
    "Das war ein sehr guter Vortrag, und über den letzten Punkt würde ich gern noch sprechen. " * 4,
)

Deed = Callable[[str, str, datetime], Awaitable[None]]
"""What somebody does in a room at a time."""


@asynccontextmanager
async def time_machine(folder: Path) -> AsyncIterator[tuple[Homeserver, Connection]]:
    """A homeserver, and a connection that writes there as anybody, at any time.

    Rules: Application Service API, "Identity assertion" and "Timestamp massaging".
    """
    folder.mkdir()
    token, file = secrets.token_hex(16), folder / "time-machine.yaml"
    registration = {
        "id": "time-machine",
        "url": None,
        "as_token": token,
        "hs_token": secrets.token_hex(16),
        "sender_localpart": "time-machine",
        "rate_limited": False,
        "namespaces": {"users": [{"exclusive": False, "regex": ".*"}]},
    }
    file.write_text(json.dumps(registration))
    server = Homeserver(folder, settings={"app_service_config_files": [str(file)]})
    try:
        await server.start()
        async with Connection(server.base_url, "", token) as connection:
            yield server, connection
    finally:
        await server.stop()


@dataclass
class Past:
    """A cohort between two moments. `votes` are event ids, `asked` rooms where somebody did."""

    course: Cohort
    server: Connection
    dice: Random
    poll: Event
    begins: datetime
    ends: datetime
    votes: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    sent: Counter[str] = field(default_factory=Counter)
    _audience: dict = field(default_factory=dict)

    async def happens(self, messages: int, votes: int, questions: int) -> None:
        """So many messages in all rooms alike, of which so many are votes and questions.

        Everybody does one thing after the other, but all at the same time.
        """
        deeds: list[Deed] = [self._talk] * (messages - votes - questions)
        deeds += [self._vote, self._vote_natively] * (votes // 2) + [self._ask] * questions
        self.dice.shuffle(deeds)
        apart, everywhere = (self.ends - self.begins) / len(deeds), cycle(self.course.everywhere)
        diaries: dict[str, list[Awaitable[None]]] = {}
        for number, (deed, room) in enumerate(zip(deeds, everywhere, strict=False)):
            name, at = self._somebody_in(room), self.begins + apart * number
            diaries.setdefault(name, []).append(deed(name, room, at))
        await asyncio.gather(*map(one_by_one, diaries.values()))

    def _somebody_in(self, room: str) -> str:
        owner = self.course.everywhere[room]
        everybody = room == self.course.rooms[TALK]
        return self.dice.choice([*self.course.direct]) if everybody else owner

    async def _talk(self, name: str, room: str, at: datetime) -> None:
        if room in self.course.direct.values():  # all that is said there is said to the bot
            self.asked.add(room)
        text = self.dice.choice(TALK_OF_THE_DAY).format(n=self.sent.total())
        await self._say(name, room, at, text)

    async def _ask(self, name: str, room: str, at: datetime) -> None:
        self.asked.add(room)
        await self._say(name, room, at, self.dice.choice(QUESTIONS))

    async def _vote(self, name: str, room: str, at: datetime) -> None:
        name, room = self._voter(name, room)
        self.asked.add(room)
        self.votes.append(await self._say(name, room, at, f"!stimme {self.dice.randint(1, 4)}"))

    async def _vote_natively(self, name: str, room: str, at: datetime) -> None:
        name, _ = self._voter(name, room)
        answers = [str(self.dice.randint(1, 4))] if self.dice.random() < 0.9 else []
        content = {
            "m.relates_to": {"rel_type": "m.reference", "event_id": self.poll.id},
            POLL_RESPONSE: {"answers": answers} if answers else {},
        }
        self.votes.append(await self._send(name, self.poll.room, POLL_RESPONSE, content, at))

    def _voter(self, name: str, room: str) -> tuple[str, str]:
        """Organisers do not vote, and nobody does in their room."""
        if room in (self.course.rooms[INFO], self.course.rooms[ORGA]):
            return self.dice.choice([*self.course.direct]), self.course.rooms[TALK]
        return name, room

    async def _say(self, name: str, room: str, at: datetime, body: str) -> str:
        content = {"msgtype": "m.text", "body": body, "m.mentions": {}}
        return await self._send(name, room, "m.room.message", content, at)

    async def _send(self, name: str, room: str, kind: str, content: dict, at: datetime) -> str:
        person = self.course.people[name]
        if await person._is_encrypted(room):
            content, kind = await self._sealed(person, room, kind, content), SEALED
        query = {"user_id": person.user_id, "ts": str(int(at.timestamp() * 1000))}
        path = ("rooms", room, "send", kind, secrets.token_hex(8))
        self.sent[kind] += 1
        return str((await self.server.call("PUT", *path, body=content, query=query))["event_id"])

    async def _sealed(self, person: Participant, room: str, kind: str, content: dict) -> dict:
        """As a participant does it, but without asking each time who is in the room."""
        keys, place = person._keys, (person.user_id, room)
        assert keys
        async with person._sealing:
            if place not in self._audience:
                self._audience[place] = await person._audience(keys, room)
            parcel = keys.parcel(room, self._audience[place], UNDER_ONE_KEY)
            if parcel:
                path = ("sendToDevice", SEALED, secrets.token_hex(8))
                await person.call("PUT", *path, body={"messages": parcel})
                keys.delivered(room, parcel)
                self.sent["keys"] += 1
            return keys.seal(room, kind, content)


async def one_by_one(deeds: Sequence[Awaitable[None]]) -> None:
    for deed in deeds:
        await deed
