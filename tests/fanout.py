"""Wednesday morning: every course has something to say at the same minute, each in its own room.

How long it takes until the homeserver has all of it, beside a bare loop of the same requests.
"""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

import aiohttp

import schedules
from bot import scheduler, striking
from bot.homeserver import Homeserver
from bot.matrix.access import Access, Credentials
from bot.matrix.client import Client
from bot.matrix.direct_chats import DirectChats
from bot.matrix.outgoing import Sender
from bot.matrix.state import Rooms
from bot.outbox import Delivery
from bot.participant import Participant
from bot.sending import Sending
from storage import outbox
from storage.database import Sessions
from storage.models import OutgoingMessage
from tests import databases, scale

PASSWORD = "geheim"
MORNING = datetime(2026, 11, 25, 8, 45, tzinfo=UTC)
ROUNDS = 5
ONLY = (
    "DELETE FROM occurrences WHERE schedule <> 'gleich' "
    "OR NOT due BETWEEN '2026-11-25' AND '2026-11-26'"
)
ABOUT = "UPDATE occurrences SET subject = subject || course_id WHERE course_id > 1"
"""The meetings of the copies have other keys, see `scale.copied`."""

AGAIN = "DELETE FROM outbox; UPDATE occurrences SET state = 'geplant', cause = cause || '.'"
"""Another cause is another transaction: the homeserver must not know it already."""

AT_ONCE = 100
"""Connections of aiohttp; the bare loop has as many."""


@dataclass
class Announcer:
    """The sending half of the bot, with a course for each of its rooms."""

    client: Client
    sessions: Sessions
    rooms: Rooms
    ids: list[str]
    url: str

    async def strikes(self, start: datetime) -> float:
        """Seconds from the strike of the clock until everything is in its room."""
        rows: list[OutgoingMessage] = []
        done = asyncio.Event()
        chats = DirectChats(self.client, self.sessions, self.rooms, lambda: start)
        sender = Sender(self.client, self.rooms, chats, None)

        async def send(row: OutgoingMessage) -> str:
            event_id = await sender.send(row)
            rows.append(row)
            if len(rows) == len(self.ids):
                done.set()
            return event_id

        delivery = Delivery(Sending(self.sessions, send, sender.find, lambda: start))
        known, outside = schedules.discover(), striking.Outside(say=delivery.accept)
        begun = time.perf_counter()
        parts = [
            asyncio.create_task(delivery.run()),
            asyncio.create_task(
                scheduler.run(self.sessions, known, lambda: start, delivery.wake, outside)
            ),
        ]
        try:
            async with asyncio.timeout(120):
                await done.wait()
            return time.perf_counter() - begun
        finally:
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)

    async def bare(self, contents: list[dict], mark: str) -> float:
        """Seconds for the same contents in the same rooms, by nothing but requests."""
        token = self.client.access.credentials.access_token
        base = f"{self.client._homeserver}/_matrix/client/v3/rooms"
        headers = {"Authorization": f"Bearer {token}"}
        connector = aiohttp.TCPConnector(limit=AT_ONCE)
        async with aiohttp.ClientSession(connector=connector, headers=headers) as http:

            async def put(room: str, content: dict, number: int) -> None:
                url = f"{base}/{quote(room, safe='')}/send/m.room.message/{mark}{number}"
                async with http.put(url, json=content) as answer:
                    assert (await answer.json())["event_id"]

            begun = time.perf_counter()
            await asyncio.gather(
                *(put(r, c, n) for n, (r, c) in enumerate(zip(self.ids, contents, strict=True)))
            )
            return time.perf_counter() - begun

    async def said(self) -> list[dict]:
        async with self.sessions() as db:
            return [row.content for row in await outbox.every(db)]


@asynccontextmanager
async def announcer(homeserver: Homeserver, url: str, count: int) -> AsyncIterator[Announcer]:
    """So many courses with a room each, in which the bot is alone."""
    await homeserver.register("ansager", PASSWORD)
    user = homeserver.user_id("ansager")
    async with Participant(homeserver.base_url, user) as bot:
        credentials = Credentials(access_token=await bot.login(PASSWORD))
        ids = [await bot.create_room() for _ in range(count)]
    client = Client(homeserver.base_url, user, Access(credentials, lambda _: None))
    rooms = Rooms(bot=user)
    rooms.update(await client.sync(None, "{}", first=True))
    try:
        async with scale.prepared(url, count) as intake:
            placed = (
                f"UPDATE rooms SET room_id = '{room}' WHERE kind = 'ankuendigungen' "
                f"AND course_id = {number}"
                for number, room in enumerate(ids, 1)
            )
            databases.script(url, ";".join([*placed, ONLY, ABOUT]))
            yield Announcer(client, intake.sessions, rooms, ids, url)
    finally:
        await client.close()


async def ratio(homeserver: Homeserver, url: str, count: int) -> tuple[float, float]:
    """Median seconds of the bot and of the bare loop, in turns."""
    ours, bare = [], []
    async with announcer(homeserver, url, count) as bot:
        for number in range(ROUNDS):
            ours.append(await bot.strikes(MORNING))
            bare.append(await bot.bare(await bot.said(), f"nackt{number}-"))
            databases.script(url, AGAIN)
    return statistics.median(ours), statistics.median(bare)
