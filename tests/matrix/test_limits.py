"""The bot on a homeserver that has Synapse's default limits: 10 messages, then one every 5 s."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.homeserver import Homeserver
from bot.participant import Participant
from storage import database, outbox
from storage.models import OutgoingMessage
from tests.matrix.cohort import cohort, times
from tests.matrix.service import Service, eventually

ROOMS = 40
SECONDS = 160


@pytest.mark.soak
async def test_forty_rooms_due_at_once_are_served_in_time(tmp_path: Path) -> None:
    server = Homeserver(tmp_path / "homeserver")
    await server.start()
    try:
        async with cohort(server, tmp_path, 1) as course:
            course.service.read(course.course(times(datetime.now(UTC), 3600)))
            await course.arrive()
            leader = course.people["leitung"]
            rooms = await everywhere(leader, course.bot)
            assert await course.service.stop() == 0
            server.fast = False
            await server.restart()
            took = await said_everywhere(course.service, rooms)
            assert took < SECONDS
            for room in rooms:
                said = [event.body for event in await leader.messages(room)]
                assert said.count("Gleich geht es los.") == 1
            print(f"{ROOMS} rooms in {took:.0f} s")
            assert await course.service.stop() == 0
    finally:
        await server.stop()


async def everywhere(leader: Participant, bot: str) -> list[str]:
    """Rooms with the bot in them."""
    private = {"preset": "trusted_private_chat", "is_direct": True, "invite": [bot]}
    rooms = [await leader.create_room(**private) for _ in range(ROOMS)]
    for room in rooms:
        await leader.wait_for(
            lambda e, r=room: e.room == r and e.sender == bot and e.type == "m.room.member", 60
        )
    return rooms


async def said_everywhere(service: Service, rooms: list[str]) -> float:
    """Start the bot when something is due in all rooms; the seconds until all is delivered."""
    now = datetime.now(UTC)
    content = {"msgtype": "m.text", "body": "Gleich geht es los.", "m.mentions": {}}
    async with database.opened(service.url) as sessions:
        async with sessions.begin() as db:
            for room in rooms:
                row = OutgoingMessage(
                    cause=f"gleich/{room}",
                    room_id=room,
                    content=content,
                    due=now,
                    expires=now + timedelta(minutes=5),
                )
                await outbox.put(db, row)
        service.start()
        await service.ready()
        begun = time.monotonic()

        async def done() -> bool:
            async with sessions() as db:
                return not await outbox.waiting(db)

        await eventually(done, SECONDS + 30, 0.5)
    return time.monotonic() - begun
