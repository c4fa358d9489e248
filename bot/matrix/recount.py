"""Before a poll is counted: fetch again what was said about it, so that no gap swallows a vote.

Everything goes the way that it would have gone: decrypted, translated, and kept once.
"""

import asyncio
import logging
from dataclasses import dataclass

from bot.incoming import Incoming, NativeVote, PollEnd, Retraction, Sealed
from bot.matrix.client import Json
from bot.matrix.reading import token
from bot.matrix.state import sound
from bot.matrix.sync import Reader
from bot.matrix.translate import entries, part, stamped
from bot.obstacles import Broken, Forbidden, Rejected, Unreachable, pause_after
from storage import occurrences, polls
from storage.models import Occurrence
from storage.replies import ORGA, Post
from storage.timetable import CLOSING

log = logging.getLogger(__name__)

PATIENCE = 60.0
"""Seconds that the end of a poll waits for a server that is away."""

MOST_PAGES = 1_000
"""Of one poll. A server that always knows of another page is out of order."""

UNSURE = (
    "Hinweis zur Abstimmung: Der Server war beim Auszählen nicht erreichbar. "
    "Gezählt ist alles, was bis dahin bei mir angekommen war."
)
SEALED = "Hinweis zur Abstimmung: {} konnte ich nicht entschlüsseln. Gezählt {} nicht."


@dataclass
class Recount:
    """Asks the server by way of the reader, who knows the rooms and the keys."""

    reader: Reader
    patience: float = PATIENCE

    async def __call__(self, occurrence: Occurrence) -> list[Post]:
        """What the organisers should know about a count that is due now."""
        if occurrence.schedule != CLOSING:
            return []
        async with self.reader.intake.sessions() as db:
            poll = (await occurrences.subject(db, occurrence)).poll
            natives = await polls.natives(db, poll) if poll else []
        unread = 0
        try:
            async with asyncio.timeout(self.patience):
                for event_id, room_id in natives:
                    unread += await self._patiently(room_id, event_id)
        except (TimeoutError, Forbidden, Rejected) as trouble:
            log.warning("a poll is counted without the server: %s", type(trouble).__name__)
            return [Post(ORGA, UNSURE)]
        return [Post(ORGA, _sealed(unread))] if unread else []

    async def _patiently(self, room_id: str, event_id: str) -> int:
        """Until the server has told everything; how many answers nobody here can read."""
        failures = 0
        while True:
            try:
                return await self._fetch(room_id, event_id)
            except (Unreachable, Broken) as trouble:
                failures += 1
                pause = max(getattr(trouble, "patience", 0.0), pause_after(failures))
                log.warning("cannot fetch the votes: %s; again in %.0f s", trouble, pause)
                await asyncio.sleep(pause)

    async def _fetch(self, room_id: str, event_id: str) -> int:
        """Hand over everything about one native poll, and what has been deleted since it came."""
        reader = self.reader
        poll = await self._deleted(room_id, event_id)
        if poll is not None:
            await reader.intake.take([poll], {})
            return 0
        related = await self._related(room_id, event_id)
        async with reader.intake.sessions() as db:
            known, deleted = await polls.known(db, event_id)
        new = [event for event in related if event.get("event_id") not in known]
        there = {event.get("event_id") for event in related}
        asked = [await self._deleted(room_id, name) for name in known - deleted - there]
        found = [
            one
            for one in reader.understood(room_id, new, reader.clock())
            if isinstance(one, NativeVote | PollEnd) or _sealed_vote(one, event_id)
        ]
        await reader.intake.take([*found, *filter(None, asked)], {})
        return sum(isinstance(one, Sealed) for one in found)

    async def _related(self, room_id: str, event_id: str) -> list[Json]:
        """All that refers to an event, the oldest first."""
        found: list[Json] = []
        start = ""
        for _ in range(MOST_PAGES):
            page = await self.reader.client.relations(room_id, event_id, start)
            found += entries(page, "chunk")
            before, start = start, token(page.get("next_batch"))
            if start in ("", before):
                break
        return found[::-1]

    async def _deleted(self, room_id: str, event_id: str) -> Retraction | None:
        """Who has deleted an event, if the server says that somebody has; it knows who may."""
        now = self.reader.clock()
        try:
            event = await self.reader.client.call("GET", "rooms", room_id, "event", event_id)
        except (Forbidden, Rejected):  # the server has forgotten it: that is no deletion
            return None
        because = part(event, "unsigned", "redacted_because")
        name, sender = because.get("event_id"), because.get("sender")
        if not (sound(name, "$") and sound(sender, "@")):
            return None
        sent = stamped(because, now)
        return Retraction(name, room_id, sender, event_id, sent, now, allowed=True)


def _sealed_vote(one: Incoming, poll: str) -> bool:
    """Whether this is an answer to the poll as far as one can see from outside."""
    relation = part(one.source, "content", "m.relates_to") if isinstance(one, Sealed) else {}
    return (relation.get("rel_type"), relation.get("event_id")) == ("m.reference", poll)


def _sealed(number: int) -> str:
    if number == 1:
        return SEALED.format("Eine Stimme", "ist sie")
    return SEALED.format(f"{number} Stimmen", "sind sie")
