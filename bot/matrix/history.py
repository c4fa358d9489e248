"""What was said in a room since the last time, also where /sync shows only the end of it."""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import quote

from bot.matrix.client import Client, Json
from bot.matrix.reading import token
from bot.matrix.translate import entries
from bot.obstacles import Away, Broken, Forbidden, Rejected, Unreachable

log = logging.getLogger(__name__)

PAGE = 100
"""Events per request; Synapse never sends more."""

MOST_PAGES = 1_000
"""Of one gap. A server that always knows of another page is out of order."""

JOIN_PAGES = 10
"""As far as the bot's own join is looked for."""

ATTEMPTS = 10
"""So often, in about five minutes, a gap holds up all rooms; then it is let go."""


@dataclass
class History:
    """Fills the gaps that /sync leaves."""

    client: Client
    _attempts: dict[str, int] = field(default_factory=dict)

    async def pages(
        self, room_id: str, since: str, timeline: Json, joining: bool
    ) -> AsyncIterator[list[Json]]:
        """All events since the token, oldest first; in a room that was just joined, since then.

        Raises what `Client.call` raises while it is worth trying again.
        """
        try:
            if joining:
                yield await self._since_join(room_id)
            elif timeline.get("limited"):
                async for page in self._gap(room_id, since, token(timeline.get("prev_batch"))):
                    yield page
            self._attempts.pop(room_id, None)
        except Away:
            raise
        except (Unreachable, Broken, Forbidden, Rejected) as trouble:
            self._bear(room_id, trouble)
        if not joining:
            yield entries(timeline, "events")

    def _bear(self, room_id: str, trouble: Exception) -> None:
        """Raise the trouble again, unless it will never end: one room must not hold up all."""
        attempts = self._attempts[room_id] = self._attempts.get(room_id, 0) + 1
        if attempts < ATTEMPTS and isinstance(trouble, Unreachable | Broken):
            raise trouble
        log.error("a part of what was said in %s is lost: %s", room_id, trouble)
        del self._attempts[room_id]

    async def _gap(self, room_id: str, since: str, until: str) -> AsyncIterator[list[Json]]:
        """What lies between two tokens; without an end, everything up to now."""
        start, end = since, f"&to={quote(until)}" if until else ""
        for _ in range(MOST_PAGES):
            page = await self._page(room_id, f"f&from={quote(start)}{end}")
            chunk, before, start = entries(page, "chunk"), start, token(page.get("end"))
            yield chunk
            if not chunk or start in ("", before):
                break

    async def _since_join(self, room_id: str) -> list[Json]:
        """What was said after the bot joined: its own join is the baseline of a room."""
        found: list[Json] = []
        query = "b"
        for _ in range(JOIN_PAGES):
            page = await self._page(room_id, query)
            for event in entries(page, "chunk"):
                if event.get("state_key") == self.client.user_id:
                    return found[::-1]
                found.append(event)
            start = token(page.get("end"))
            if not start:
                break
            query = f"b&from={quote(start)}"
        return []

    async def _page(self, room_id: str, query: str) -> Json:
        target = f"?limit={PAGE}&dir={query}"
        return await self.client.call("GET", "rooms", room_id, "messages", query=target)
