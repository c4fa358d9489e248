"""Who may ask the bot in, and what it does there."""

from datetime import UTC, datetime
from pathlib import Path

from bot.homeserver import Homeserver
from tests.matrix.cohort import TALK, cohort, times
from tests.matrix.conftest import Login


async def test_it_joins_its_course_and_declines_strangers(
    homeserver: Homeserver, participant: Login, tmp_path: Path
) -> None:
    stranger = await participant("fremd")
    async with cohort(homeserver, tmp_path, 2) as course:
        foreign = await stranger.create_room("Fremd", invite=[course.bot])
        course.service.read(course.course(times(datetime.now(UTC), opens_after=3600)))
        await course.arrive()
        declined = await stranger.wait_for(
            lambda e: e.room == foreign and e.content.get("membership") == "leave"
        )
        assert declined.sender == course.bot
        asker, room = course.people["tn01"], course.rooms[TALK]
        await asker.say(room, "!suche qxz1")
        answer = await asker.wait_for(lambda e: e.sender == course.bot and e.body)
        assert answer.body.startswith("„qxz1“ bietet bisher niemand an.")
        assert await course.service.stop() == 0
