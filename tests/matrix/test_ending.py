"""The end of a course on a real homeserver: alumni are invited, and the next course moves in."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.homeserver import Homeserver
from tests.matrix.cohort import INFO, ORGA, TALK, Cohort, cohort, times

LEVELS = "m.room.power_levels"


async def orders(course: Cohort, line: str, answer: str, room: str = "") -> None:
    """The organiser types it in Orga, and yes."""
    leader, room = course.people["leitung"], room or course.rooms[ORGA]
    await leader.say(room, line)
    await leader.wait_for(lambda e: e.room == room and "ja oder nein" in e.body)
    await leader.say(room, "ja")
    await leader.wait_for(lambda e: e.room == room and e.body.startswith(answer))


async def agrees(course: Cohort, name: str) -> None:
    person, room = course.people[name], course.direct[name]
    await person.say(room, "!alumni ja")
    await person.wait_for(lambda e: e.room == room and e.body.startswith("Schön!"))


@pytest.mark.soak
async def test_alumni_are_invited_and_the_next_course_gets_its_rooms(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    async with cohort(homeserver, tmp_path, 2) as course:
        course.service.read(course.course(times(datetime.now(UTC), 3600)))
        await course.arrive()
        leader, orga = course.people["leitung"], course.rooms[ORGA]

        alumni = await leader.create_room("Alumni", preset="private_chat")
        await orders(course, f"!alumniraum {alumni}", "Eingetragen")
        await leader.invite(alumni, course.bot)
        await course.joined(alumni, leader)
        await agrees(course, "tn01")
        card = await leader.wait_for(lambda e: e.room == alumni and e.body.startswith("Neu dabei"))
        assert "Bietet: MINT-Mobil" in card.body
        await course.people["tn01"].join(alumni)

        levels = await leader.state(alumni, LEVELS)
        await leader.call("PUT", "rooms", alumni, "state", LEVELS, "", body=levels | {"invite": 50})
        await agrees(course, "tn02")
        told = await leader.wait_for(lambda e: e.room == orga and "Ausgelassen" in e.body)
        assert "nicht einladen. Wer hinein möchte, steht hier: !alumniraum" in told.body

        await orders(course, f"!kurs neu ab 01.03.2027 als neu-{course.key}", "Angelegt")
        for kind, name in ((INFO, "info"), (TALK, "austausch"), (ORGA, "orga")):
            alias, guests = f"neu-{course.key}-{name}", [course.bot]
            new = await leader.create_room(kind, room_alias_name=alias, invite=guests)
            await course.joined(new, leader)
        await leader.say(new, "!kurs")
        told = await leader.wait_for(lambda e: e.room == new and "neu-" in e.body)
        assert f"(neu-{course.key})" in told.body
        assert await course.service.stop() == 0
