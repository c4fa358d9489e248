"""What an independent client sees in the rooms of the demo, taken down and shown as it happens."""

import asyncio
import contextlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from bot.participant import Event, Participant

FOR_EVER = 7 * 24 * 3600


@dataclass
class Transcript:
    """Events in the order in which they were seen; `show` is told of each."""

    show: Callable[[Event], None]
    events: list[Event] = field(default_factory=list)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def watch(self, person: Participant, rooms: Collection[str]) -> None:
        """Take down what this person sees in these rooms, until cancelled."""
        while True:
            event = await person.wait_for(lambda event: event.room in rooms, FOR_EVER)
            self.events.append(event)
            self.show(event)
            async with self._news:
                self._news.notify_all()

    async def first(
        self, fits: Callable[[Event], bool], seconds: float, since: int = 0
    ) -> Event | None:
        """The first event that fits, not counting those before; None when none came in time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._news:
                await self._news.wait_for(lambda: any(map(fits, self.events[since:])))
                return next(filter(fits, self.events[since:]))
        return None
