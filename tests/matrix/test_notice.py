"""The programme on the wall, in an encrypted room of a real homeserver."""

from datetime import UTC, datetime
from pathlib import Path

from bot.homeserver import Homeserver
from tests.matrix.cohort import INFO, ORGA, Cohort, cohort, times

PINNED, LEVELS = "m.room.pinned_events", "m.room.power_levels"
REFUSED = "Ausgelassen: „Anheften des Programms“ ging nicht: Der Bot darf in diesem Raum keine"


async def hangs(course: Cohort) -> str:
    """The organiser has the programme hung; the event that everybody gets to read."""
    leader, room = course.people["leitung"], course.rooms[ORGA]
    await leader.say(room, "!aushang")
    await leader.wait_for(lambda e: e.room == room and "anheften?" in e.body)
    await leader.say(room, "ja")
    reader = course.people["tn01"]
    found = await reader.wait_for(
        lambda e: e.room == course.rooms[INFO] and e.body.startswith("Programm (")
    )
    assert found.encrypted
    return found.id


async def empowered(course: Cohort) -> None:
    """The bot may pin messages, as the installation guide asks for."""
    leader, room = course.people["leitung"], course.rooms[INFO]
    levels = await leader.state(room, LEVELS)
    levels["users"] |= {course.bot: 50}
    await leader.call("PUT", "rooms", room, "state", LEVELS, "", body=levels)


async def test_it_hangs_and_follows_the_programme(homeserver: Homeserver, tmp_path: Path) -> None:
    async with cohort(homeserver, tmp_path, 1, encrypted=True) as course:
        text = course.course(times(datetime.now(UTC), 3600))
        course.service.read(text)
        await course.arrive()
        leader, reader = course.people["leitung"], course.people["tn01"]
        room = course.rooms[INFO]
        await hangs(course)
        told = await leader.wait_for(lambda e: e.room == course.rooms[ORGA] and REFUSED in e.body)
        assert "noch einmal !aushang" in told.body

        await empowered(course)
        own = await leader.say(room, "Wichtig")
        await leader.call("PUT", "rooms", room, "state", PINNED, "", body={"pinned": [own]})
        post = await hangs(course)

        course.service.read(text.replace("Tools für die tägliche Arbeit", "Werkzeuge"))
        edit = await reader.wait_for(lambda e: e.room == room and e.body.startswith("* Programm"))
        assert edit.content["m.relates_to"] == {"rel_type": "m.replace", "event_id": post}
        assert "– Werkzeuge\n" in edit.content["m.new_content"]["body"]
        assert (await leader.state(room, PINNED))["pinned"] == [own, post]
        assert await course.service.stop() == 0
