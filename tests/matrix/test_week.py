"""What participants need all week, in encrypted rooms and direct chats of a real homeserver."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.demo.course import AHEAD
from bot.homeserver import Homeserver
from tests.matrix.cohort import TALK, Cohort, cohort, times

NO_NUMBERS = "Das schicke ich direkt, hier im Raum stehen keine Zahlen."


async def answered(course: Cohort, name: str, text: str, room: str = "") -> str:
    """What the bot says where somebody has written this, in the direct chat if nowhere else."""
    person, where = course.people[name], course.rooms.get(room) or course.direct[name]
    await person.say(where, text)
    return await heard(course, name, where)


async def heard(course: Cohort, name: str, room: str) -> str:
    """The next thing that the bot says there; sealed for whoever is not in that room."""
    found = await course.people[name].wait_for(
        lambda e: e.room == room and e.sender == course.bot and bool(e.body)
    )
    assert found.encrypted
    return found.body


async def test_three_participants_in_their_week(homeserver: Homeserver, tmp_path: Path) -> None:
    """Somebody checks in, somebody offers something, somebody asks in a room how it stands."""
    now = datetime.now(UTC)
    async with cohort(homeserver, tmp_path, 3, encrypted=True) as course:
        when = times(now, 3600)
        course.service.read(course.course(when, announced=[now - AHEAD]))
        await course.arrive()

        before = datetime.now(when.zone)
        told = await answered(course, "tn01", "Bin da!")
        minutes = {f"{m:%H:%M}" for m in (before, before + timedelta(minutes=1))}
        assert told in {
            f"Vermerkt: anwesend um {minute} Uhr. Viel Freude!\n"
            "Die Lehrgangsleitung bestätigt die Liste."
            for minute in minutes
        }

        assert await answered(course, "tn02", "!biete Redaktionsplan Vorlage") == (
            "Soll ich das bei Heidewinkel eintragen?\nBietet: Redaktionsplan Vorlage\n"
            "Sichtbar für alle im Kurs.\nja oder nein"
        )
        assert (await answered(course, "tn02", "ja")).startswith("Eingetragen.")

        assert await answered(course, "tn03", "!anwesenheit", TALK) == NO_NUMBERS
        assert (await heard(course, "tn03", course.direct["tn03"])).startswith(
            "Zwischenstand, nur hier und für die Lehrgangsleitung\nBesucht: 20 von bisher 20 UE\n"
        )
        assert (await answered(course, "tn03", "!suche Redaktionsplan", TALK)).startswith(
            "Redaktionsplan Vorlage bietet 1 Netzwerk:\nHeidewinkel (Niedersachsen)\n"
        )

        spoken = [e.body for e in await course.timeline(course.rooms[TALK]) if e.body]
        assert spoken[:2] == ["!anwesenheit", NO_NUMBERS]
        assert (len(spoken), await course.unreadable()) == (4, {})
        assert await course.service.stop() == 0
