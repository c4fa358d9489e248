"""What organisers change with a real bot that is killed meanwhile: all of it, once, told once."""

import asyncio
import secrets
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from bot.homeserver import Homeserver
from bot.participant import Event
from tests.matrix.cohort import INFO, ORGA, cohort, times

LEVELS = "m.room.power_levels"
TOPICS = {"w5": "Ahorn", "w6": "Birke", "w9": "Kastanie", "w10": "Linde"}


async def test_killed_around_the_yes_a_change_is_made_and_told_once(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    seed = secrets.randbelow(1_000_000)
    print(f"seed {seed}")
    dice = Random(seed)
    async with cohort(homeserver, tmp_path, 1, encrypted=True) as course:
        course.service.read(course.course(times(datetime.now(UTC), 3600)))
        await course.arrive()
        leader, orga, service = course.people["leitung"], course.rooms[ORGA], course.service

        async def heard(words: str) -> Event:
            """What the bot says in the organisers' room."""
            return await leader.wait_for(
                lambda e: (e.room, e.sender) == (orga, course.bot) and words in e.body, 60
            )

        for number, (key, topic) in enumerate(TOPICS.items()):
            await leader.say(orga, f"!thema {key} {topic}")
            await heard(f"neu: {topic}")
            if number % 2:  # killed while it works on the yes
                await leader.say(orga, "ja")
                await asyncio.sleep(dice.uniform(0, 0.15))
                service.kill()
            else:  # killed between preview and yes
                service.kill()
                await leader.say(orga, "ja")
            service.start()
            await heard(f"– {topic}\n")
        await leader.say(orga, "!protokoll")
        log = await heard("!thema w10 Linde")
        assert await service.stop() == 0
        said = {place: await course.timeline(course.rooms[place]) for place in (ORGA, INFO)}
    for key, topic in TOPICS.items():
        notices = [e for e in said[INFO] if f"neu: {topic}" in e.body]
        answers = [e for e in said[ORGA] if e.body.startswith("Geändert") and topic in e.body]
        assert (len(notices), len(answers)) == (1, 1), key
        assert log.body.count(f"!thema {key} {topic}") == 1


async def test_everybody_is_called_only_where_organiser_and_bot_may(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    async with cohort(homeserver, tmp_path, 1) as course:
        course.service.read(course.course(times(datetime.now(UTC), 3600)))
        await course.arrive()
        leader, reader = course.people["leitung"], course.people["tn01"]
        info, orga = course.rooms[INFO], course.rooms[ORGA]
        await leader.say(orga, "!ansage @room Bitte lesen")
        await leader.wait_for(lambda e: e.room == orga and "@room lasse ich weg" in e.body)
        await leader.say(orga, "nein")
        levels = await leader.state(info, LEVELS)
        levels["users"] |= {course.bot: 50}
        await leader.call("PUT", "rooms", info, "state", LEVELS, "", body=levels)
        await leader.wait_for(lambda e: e.room == orga and "bleibt alles" in e.body)
        await leader.say(orga, "!ansage @room Bitte lesen")
        await leader.wait_for(lambda e: e.room == orga and "\n@room\nBitte lesen\n" in e.body)
        await leader.say(orga, "ja")
        post = await reader.wait_for(lambda e: e.room == info and "Bitte lesen" in e.body)
        assert (post.body, post.content["m.mentions"]) == ("@room\nBitte lesen", {"room": True})
        assert await course.service.stop() == 0
