"""Many people at once: commands, votes and small talk in rooms and direct chats, by dice."""

import asyncio
import itertools
from dataclasses import dataclass, field
from random import Random

from bot.participant import Event, Participant
from tests.matrix.cohort import TALK, Cohort

POLL_START = "org.matrix.msc3381.poll.start"


@dataclass
class Load:
    """What people do in a cohort. Every `!suche` has a word of its own."""

    cohort: Cohort
    dice: Random
    numbers: itertools.count = field(default_factory=lambda: itertools.count(1))
    poll: Event | None = None

    async def open_poll(self, seconds: float = 60) -> None:
        """Wait for the native poll: before that nobody votes."""
        reader = self.cohort.people["tn01"]
        self.poll = await reader.wait_for(lambda event: event.type == POLL_START, seconds)

    async def until(self, enough: asyncio.Event, pause: float = 2) -> None:
        """Everybody does something again and again, about `pause` seconds apart.

        Less than a second after each answer would be taken for a bot.
        """
        await asyncio.gather(*(self._busy(n, enough, pause) for n in self.cohort.direct))

    async def _busy(self, name: str, enough: asyncio.Event, pause: float) -> None:
        while not enough.is_set():
            await self.act(name)
            await asyncio.sleep(pause * self.dice.uniform(0.5, 1.5))

    async def act(self, name: str) -> None:
        """One thing that somebody does."""
        person = self.cohort.people[name]
        direct, room = self.cohort.direct[name], self.cohort.rooms[TALK]
        acts = [self._search] * 5 + [self._programme] * 2 + [self._talk]
        if self.poll:
            acts += [self._vote] * 2 + [self._vote_natively]
        await self.dice.choice(acts)(person, self.dice.choice((direct, room)), direct)

    async def _search(self, person: Participant, room: str, direct: str) -> None:
        await person.say(room, f"!suche qxz{next(self.numbers)}")

    async def _programme(self, person: Participant, room: str, direct: str) -> None:
        await person.say(room, "!programm")

    async def _vote(self, person: Participant, room: str, direct: str) -> None:
        number = self.dice.randint(1, 4)
        bare = room == direct and self.dice.random() < 0.5
        await person.say(room, str(number) if bare else f"!stimme {number}")

    async def _vote_natively(self, person: Participant, room: str, direct: str) -> None:
        assert self.poll
        answers = [str(self.dice.randint(1, 4))] if self.dice.random() < 0.9 else []
        await person.vote(self.poll.room, self.poll.id, answers)

    async def _talk(self, person: Participant, room: str, direct: str) -> None:
        """More than a window full of messages at once."""
        await asyncio.gather(
            *(person.say(self.cohort.rooms[TALK], f"Nur so, {n}.") for n in range(8))
        )
