"""A new course from an old one: at another time, and without anybody's data."""

import tomllib
from datetime import date, timedelta

from sqlalchemy import select

from storage import courses, standing
from storage.course_files import course_file, imports
from storage.models import Base, Meeting, Occurrence, Organiser, Person, Room
from storage.replies import ORGA

LEADER = {"by": "leitung-ihk", "place": ORGA}
NEW = "!kurs neu aus nk-2026-2 ab 01.03.2027"


async def rows(chat, table, key="nk-2027-1"):
    async with chat.sessions() as db:
        course = await courses.by_key(db, key)
        return (await db.scalars(select(table).where(table.course_id == course.id))).all()


async def made(chat, line=NEW):
    """The preview, its file, and the answer to the yes."""
    asked = await chat.says(line, **LEADER)
    data = chat.said[-1].file
    chat.now += timedelta(seconds=20)
    return asked, data, await chat.says("ja", **LEADER)


async def test_the_preview_shows_it_all_and_the_yes_makes_it(cohort):
    asked, _, done = await made(cohort)
    assert asked == (
        "Neuer Kurs nk-2027-1?\n"
        "14 Termine, Mo 01.03.2027 bis Di 08.06.2027: 17 Wochen später, Wochentage und Uhrzeiten "
        "bleiben.\n"
        "Pausen, bitte prüfen: Mo 19.04. bis Fr 07.05.\n"
        "Ohne Personen, Netzwerke, Stimmen, Anwesenheit, Material und Zugänge.\n"
        "Die Datei zeigt alles. ja oder nein\n"
        "nk-2027-1.toml"
    )
    assert done == (
        "Angelegt: nk-2027-1. So geht es weiter:\n"
        "1 – In Element drei Räume mit diesen Adressen anlegen: #nk-2027-1-info:chat.example.org, "
        "#nk-2027-1-austausch:chat.example.org, #nk-2027-1-orga:chat.example.org\n"
        "2 – Mich in alle drei einladen, am besten als Erstes.\n"
        "3 – Zugänge und Teilnehmende in der Datei oben ergänzen und sie neu einlesen.\n"
        "Von hier aus ist der neue Kurs nicht mehr zu steuern, nur in seinem Orga-Raum."
    )
    line = "!kurs neu aus nk-2026-2 ab 01.03.2027 als nk-2027-1"
    assert line in await cohort.says("!protokoll", **LEADER)
    found = {room.kind: (room.address, room.room_id) for room in await rows(cohort, Room)}
    assert found == {
        "ankuendigungen": ("#nk-2027-1-info:chat.example.org", None),
        "austausch": ("#nk-2027-1-austausch:chat.example.org", None),
        "orga": ("#nk-2027-1-orga:chat.example.org", None),
        "alumni": ("#nk-alumni:chat.example.org", None),
    }
    async with cohort.sessions() as db:
        here = await standing.directly(db, "@leitung-ihk:chat.example.org", cohort.now.date())
    assert here.course.key == "nk-2026-2"


async def test_every_date_moves_and_nothing_about_people_does(cohort, change):
    await cohort.says("!verschieben w4 Do 3.12. 10:00", **LEADER)
    await cohort.says("ja", **LEADER)
    await change(Meeting, "w7", topic="Verstetigung", filed={"topic": "Wahlthema A"})
    await made(cohort)
    old = {m.key: m for m in await rows(cohort, Meeting, "nk-2026-2")}
    new = {m.key: m for m in await rows(cohort, Meeting)}
    assert new.keys() == old.keys()
    for key, meeting in new.items():
        before = date(2026, 12, 2) if key == "w4" else old[key].day
        assert meeting.day == before + timedelta(weeks=17)
        assert (meeting.starts, meeting.ends) == (old[key].starts, old[key].ends)
        assert (meeting.link, meeting.code, meeting.materials, meeting.filed) == ("", "", [], {})
    assert new["w7"].topic == "Wahlthema A"
    for table in Base.metadata.tables.values():
        if "person" in table.c or table.name in ("people", "networks", "ballots"):
            async with cohort.sessions() as db:
                course = await courses.by_key(db, "nk-2027-1")
                query = select(table.c.id).where(table.c.course_id == course.id)
                assert (await db.execute(query)).all() == [], table.name
    assert len(await rows(cohort, Organiser)) == 2
    assert any(o.schedule == "vortag" for o in await rows(cohort, Occurrence))


async def test_the_file_is_the_course(cohort):
    _, data, _ = await made(cohort)
    file = course_file.read(data, {rule["id"] for rule in tomllib.loads(data.decode())["regel"]})
    async with cohort.sessions.begin() as db:
        result = await imports.apply(db, file, cohort.now)
    assert result.changes == []
    assert b"@tn" not in data
    assert b"Wattkante" not in data


async def test_holidays_are_said_with_laender_networks_and_a_free_day(cohort):
    asked, data, _ = await made(cohort, "!kurs neu ab 26.4.2027 als nk-mai")
    assert "Achtung: Webinar 1 (Mi 05.05.)" not in asked
    assert "14 Termine, Mo 26.04.2027 bis" in asked
    asked, data, _ = await made(cohort, "!kurs neu ab 4.10.2027 als nk-herbst")
    assert "Achtung: Webinar 6 (Mi 17.11.): Buß- und Bettag" in asked
    assert "in SN (zuletzt Erzwinkel). Frei wäre Do 18.11." in asked
    assert "# Achtung: Webinar 6 (Mi 17.11.): Buß- und Bettag" in data.decode()
    file = course_file.read(
        data, {"impuls", *(r["id"] for r in tomllib.loads(data.decode())["regel"])}
    )
    assert [f.datum for f in file.feiertag] == [date(2027, 11, 17)]


async def test_wrong_words_change_nothing(cohort):
    for typed, answer in (
        ("neu", "Das verstehe ich nicht. So geht es: !kurs neu aus nk-2026-2 ab 01.03.2027"),
        ("neu ab Gestern Nacht", "Das verstehe ich nicht. So geht es: !kurs neu aus nk-2026-2 ab"),
        ("neu aus nk-9 ab 1.3.2027", "Hier geht das nur mit dem Kurs dieses Raums: nk-2026-2"),
        ("neu ab 1.3.2025", "Der neue Kurs soll noch kommen, und in den nächsten fünf Jahren."),
        ("neu ab 1.3.2099", "Der neue Kurs soll noch kommen, und in den nächsten fünf Jahren."),
        ("neu ab 1.3.2027 als nk-2026-2", "Dieser Name geht nicht oder ist vergeben."),
        ("neu ab 1.3.2027 als ../x", "Dieser Name geht nicht oder ist vergeben."),
    ):
        cohort.now += timedelta(seconds=20)
        assert (await cohort.says(f"!kurs {typed}", **LEADER)).startswith(answer)
    async with cohort.sessions() as db:
        assert [course.key for course in await courses.every(db)] == ["nk-2026-2"]
    assert "nur für die Lehrgangsleitung" in await cohort.says(NEW)
    assert (await cohort.says("!kurs", **LEADER)).endswith(
        "02.11.2026 bis Di 09.02.2027, offen\n"
        "Ein neuer Kurs daraus: !kurs neu aus nk-2026-2 ab 01.03.2028"
    )


async def test_twice_makes_two(cohort):
    await made(cohort)
    await made(cohort)
    async with cohort.sessions() as db:
        keys = [course.key for course in await courses.every(db)]
    assert sorted(keys) == ["nk-2026-2", "nk-2027-1", "nk-2027-2"]
    assert len(await rows(cohort, Person, "nk-2026-2")) == 16
