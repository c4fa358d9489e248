"""Emoji on a real homeserver, in encrypted rooms: from a 💡 in the room to a tip for all."""

from datetime import UTC, datetime

from bot.homeserver import Homeserver
from tests.matrix.cohort import TALK, Cohort, cohort, times


async def hears(course: Cohort, name: str, part: str):
    """Wait until somebody hears something from the bot, wherever that is."""
    return await course.people[name].wait_for(
        lambda event: event.sender == course.bot and part in event.body
    )


async def test_a_bulb_and_a_thumb_make_a_tip(homeserver: Homeserver, tmp_path):
    async with cohort(homeserver, tmp_path, 2, encrypted=True) as course:
        course.service.read(course.course(times(datetime.now(UTC), 600)))
        await course.arrive()
        one, two = course.people["tn01"], course.people["tn02"]
        room = course.rooms[TALK]
        said = await two.say(room, "Vor dem ersten Treffen alle einzeln anrufen.")
        await one.wait_for(lambda event: event.id == said)
        await one.react(room, said, "💡")
        asked = await hears(course, "tn02", "als Tipp behalten")
        await two.react(asked.room, asked.id, "👍🏽")
        await hears(course, "tn02", "Danke, gemerkt.")
        await one.say(room, "!tipps")
        await hears(course, "tn01", "Vor dem ersten Treffen alle einzeln anrufen. (Heidewinkel)")
