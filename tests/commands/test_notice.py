"""The programme on the wall of the announcements room."""

from pathlib import Path

import pytest

import bot
from storage import courses
from storage.replies import INFO, ORGA

SAMPLE = Path(bot.__file__).with_name("sample_course.toml")
LEADER = {"by": "leitung-ihk", "place": ORGA}
PREVIEW = (
    "Das Programm mit 14 Terminen im Raum Ankündigungen anheften?\n"
    "Ohne Benachrichtigung. Spätere Änderungen trage ich dort von selbst nach.\n"
    "So sieht es aus: !programm alle\n"
    "ja oder nein"
)
PROGRAMME = (
    "Programm (mittwochs, 10:00 bis 11:30 Uhr)\n"
    "Mo 02.11. und Di 03.11. – Auftakt (09:00 Uhr)\n"
    "Mi 11.11. – Organisationsform des Netzwerks\n"
    "Mi 18.11. – Rollen der Netzwerkkoordination\n"
    "Mi 25.11. – Öffentlichkeitsarbeit\n"
    "Mi 02.12. – Tools für die tägliche Arbeit\n"
    "Mi 09.12. – Angebotsentwicklung im Netzwerk\n"
    "Mi 16.12. – Qualitätssicherung im Netzwerk\n"
    "Mi 13.01. – Wahlthema A (offen)\n"
    "Mi 20.01. – Wahlthema B (offen)\n"
    "Mi 27.01. – Projektwerkstatt\n"
    "Mi 03.02. – Bilanz\n"
    "Mo 08.02. und Di 09.02. – Abschluss (13:00 und 09:00 Uhr)\n"
    "In den Kalender: !kalender"
)
MOVED = PROGRAMME.replace("Mi 02.12. – Tools", "Do 03.12. – Tools")


@pytest.fixture
async def hung(cohort):
    """A course whose programme hangs on the wall."""
    await cohort.clock_strikes("2026-11-24 15:00")
    assert await cohort.says("!aushang", **LEADER) == PREVIEW
    assert (await cohort.says("ja", **LEADER)).startswith("Das Programm hängt gleich")
    await cohort.clock_strikes("2026-11-24 15:00:05")
    return cohort


async def moves(chat, *days, now="2026-11-24 16:00"):
    """Import the course with webinar 4 on another day, then let the clock strike."""
    from_file = SAMPLE.read_text()
    for day in days:
        moved = from_file.replace("datum = 2026-12-02", f"datum = {day}")
        await chat.imports(moved.encode(), now)
    before = len(chat.said)
    await chat.clock_strikes(now)
    return chat.said[before:]


async def test_it_is_posted_silently_and_pinned(hung):
    post, pin = hung.said[-2:]
    assert (post.body, post.room) == (PROGRAMME, hung.room(INFO))
    assert post.content["msgtype"] == "m.notice"
    assert (pin.type, pin.room) == ("m.room.pinned_events", hung.room(INFO))
    assert pin.content["pinned"] == [f"$sent{len(hung.said) - 1}"]


async def test_nothing_is_written_while_nothing_changes(hung):
    assert await moves(hung, "2026-12-02") == []


async def test_it_is_edited_once_when_the_programme_changes(hung):
    post = f"$sent{len(hung.said) - 1}"
    [edit] = await moves(hung, "2026-12-01", "2026-12-03")
    assert edit.room == hung.room(INFO)
    assert edit.content["m.relates_to"] == {"rel_type": "m.replace", "event_id": post}
    assert edit.content["m.new_content"]["body"] == MOVED
    assert edit.content["m.new_content"]["msgtype"] == "m.notice"
    assert edit.body == f"* {MOVED}"
    assert "formatted_body" in edit.content["m.new_content"]
    assert await moves(hung, "2026-12-03", now="2026-11-24 16:30") == []


async def test_it_follows_the_election(hung):
    await hung.clock_strikes("2026-11-30 09:00")
    hung.at("2026-12-01 09:00")
    for person, topic in (("tn01", 3), ("tn02", 3), ("tn04", 1)):
        await hung.says(f"!stimme {topic}", by=person)
    await hung.clock_strikes("2026-12-11 12:01")
    for line in ("!platz A 3", "!platz B 1"):
        await hung.says(line, **LEADER)
        await hung.says("ja", **LEADER)
    await hung.clock_strikes("2026-12-11 12:05")
    shown = hung.said[-1].content["m.new_content"]["body"].splitlines()
    assert shown[8:10] == [
        "Mi 13.01. – Verstetigung",
        "Mi 20.01. – Umgang mit schwierigen Situationen im Netzwe…",
    ]


async def test_a_new_one_takes_the_place_of_the_old(hung):
    old = f"$sent{len(hung.said) - 1}"
    await hung.says("!aushang", **LEADER)
    await hung.says("ja", **LEADER)
    await hung.clock_strikes("2026-11-24 15:05")
    post, pin = hung.said[-2:]
    assert post.body == PROGRAMME
    assert (pin.content["pinned"], pin.content["instead"]) == ([f"$sent{len(hung.said) - 1}"], old)


async def test_a_room_that_moved_gets_its_own(hung):
    async with hung.sessions.begin() as db:
        for room in await courses.rooms(db, hung.course):
            room.room_id = "!neu:x" if room.kind == INFO else room.room_id
    [post, pin] = await moves(hung, "2026-12-03")
    assert (post.room, post.body, pin.room) == ("!neu:x", MOVED, "!neu:x")


async def test_participants_cannot_hang_it(cohort):
    assert "nur für die Lehrgangsleitung" in await cohort.says("!aushang", by="tn01", place=ORGA)


async def test_without_the_room_it_says_so(chat):
    await chat.loads()
    async with chat.sessions.begin() as db:
        for room in await courses.rooms(db, chat.course):
            room.room_id = None if room.kind == INFO else room.room_id
    answer = await chat.says("!aushang", **LEADER)
    assert answer == "Im Raum Ankündigungen bin ich noch nicht: bitte mich dorthin einladen."
