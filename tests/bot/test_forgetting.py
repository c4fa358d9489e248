"""The life of a course to its end: what is kept goes in time, and then it is gone for good."""

import csv
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot import forgetting
from commands import CLOSED
from storage import polls
from storage.models import (
    Attendance,
    Ballot,
    Course,
    Entry,
    Feedback,
    OutgoingMessage,
    Person,
    SeenEvent,
)
from storage.replies import ORGA
from tests import databases

LEADER = {"by": "leitung-ihk", "place": ORGA}
CANARIES = ("Kanarienangebot", "Kanarienfrage", "Kanariensatz", "Kanarienlob", "Kanarienzitat")
SAID = (
    *("!biete Kanarienangebot", "ja", "!orga Kanarienfrage an die Leitung?"),
    *("!satz Kanariensatz mit Inhalt", "ja", "!zitat Kanarienzitat für alle", "1"),
    *("!frage w4 Kanarienfrage an w4?", "ohne Namen"),
)


@pytest.fixture
async def life(chat, tmp_path):
    """A course in which people have said all kinds of things."""
    await chat.loads()
    chat.folder = tmp_path
    for typed in SAID:
        chat.now += timedelta(seconds=20)
        await chat.says(typed)
    chat.at("2026-11-25 11:45")
    await chat.says("2 Kanarienlob fürs Thema")
    chat.at("2026-12-01 10:00")
    for number in range(1, 6):
        await chat.says("!stimme 3", by=f"tn{number:02}")
    return chat


async def days(chat, *moments):
    """What the daily forgetting says on these days."""
    before = len(chat.said)
    for moment in moments:
        chat.at(moment)
        await forgetting.forget(chat.sessions, chat.now)
        await chat.deliver()
    return "\n".join(said.body for said in chat.said[before:])


async def count(chat, table, *where):
    async with chat.sessions() as db:
        return await db.scalar(select(func.count()).select_from(table).where(*where))


def traces(chat):
    """Which canaries are anywhere in the files of the database."""
    data = databases.contents(chat.folder / "kursbot.db")
    return {word for word in CANARIES if word.encode() in data}


async def test_everything_goes_in_its_time_and_organisers_hear_of_it_once(life):
    assert traces(life) == set(CANARIES)
    await life.clock_strikes("2026-12-11 12:01")
    await life.says("!platz B konflikt", **LEADER)
    await life.says("ja", **LEADER)
    assert await days(life, "2026-12-17 12:00", "2026-12-17 12:00") == ""
    assert await count(life, Ballot) == 5
    await days(life, "2026-12-19 12:00")
    assert await count(life, Ballot) == 0
    async with life.sessions() as db:
        assert await polls.turnout(db, await polls.election(db, life.course)) == (5, 16)
    await days(life, "2027-01-05 12:00")  # 30 days after it was said
    async with life.sessions() as db:
        old = OutgoingMessage.due < life.now - timedelta(days=30)
        assert not any(await db.scalars(select(OutgoingMessage.content).where(old)))
        assert await db.scalar(select(func.min(SeenEvent.at))) >= life.now - timedelta(days=31)


async def test_after_the_end(life):
    assert "Herzlichen Glückwunsch" in await life.clock_strikes("2027-02-09 14:16")
    assert await days(life, "2027-03-08 12:00") == ""
    assert await days(life, "2027-03-09 12:00") == (
        "Der Kurs ist abgeschlossen. Ab jetzt gebe ich nur noch Auskunft: keine Beiträge, keine "
        "Abstimmungen, kein Check-in.\n"
        "Am So 09.05.2027 lösche ich Anwesenheit und Profile. Davor sichern: !export"
    )
    for typed in ("!da", "!stimme 3", "!biete Neues", "!tipp Neues", "!zitat Neues"):
        life.now += timedelta(seconds=20)
        assert await life.says(typed) == CLOSED
    assert await life.says("!ansage info Neues", **LEADER) == CLOSED
    assert "Zwischenstand" in await life.says("!anwesenheit")
    told = await days(life, "2027-03-11 12:00")
    assert told.startswith("Gelöscht: 1 Rückmeldung, 1 Frage")
    assert await count(life, Feedback) == 0
    assert await days(life, "2027-03-11 13:00", "2027-03-12 12:00") == ""
    assert await count(life, Person) == 16
    told = await days(life, "2027-05-09 12:00")
    assert told == (
        "Gelöscht: 16 Profile, 64 Check-ins, 19 weitere Einträge. Die Frist war um, das Protokoll "
        "hängt an.\n"
        "Jetzt bitte auch die Räume in Element schließen und alte Exporte löschen.\n"
        "loeschprotokoll-2027-05-09.csv"
    )
    rows = [*csv.reader(life.said[-1].file.decode("utf-8-sig").splitlines(), delimiter=";")]
    assert rows[0] == ["Was", "Tabelle", "Einträge", "Frist", "gelöscht am"]
    assert [
        "Check-in-Zeiten",
        "attendance",
        "64",
        "3 Monate nach Kursende",
        "So 09.05.2027",
    ] in rows
    assert await days(life, "2027-05-10 12:00", "2027-06-10 12:00", "2028-05-09 12:00") == ""
    assert [await count(life, table) for table in (Person, Attendance, Entry)] == [0, 0, 0]
    assert await life.says("!export", **LEADER) == "Es sind noch keine Teilnehmenden eingetragen."
    assert traces(life) == set()
    assert await life.loads(now="2027-05-10 12:00") == []  # the course file brings nobody back
    assert await count(life, Person) == 0


async def test_a_course_whose_end_is_put_off_is_open_again(chat):
    await chat.loads()
    await days(chat, "2027-03-09 12:00")
    assert await chat.says("!biete Neues") == CLOSED
    async with chat.sessions.begin() as db:
        (await db.get_one(Course, chat.course.id)).ends += timedelta(days=30)
    await days(chat, "2027-03-10 12:00")
    assert await chat.says("!biete Neues") != CLOSED


async def test_whoever_is_erased_is_gone_within_a_minute(life):
    copy = life.folder / "kursbot.db.schema-1"  # as an upgrade has left it
    copy.write_bytes(databases.contents(life.folder / "kursbot.db"))
    life.now += timedelta(seconds=20)
    await life.says("!loeschen")
    await life.says("LÖSCHEN")
    life.now += timedelta(seconds=30)
    await forgetting.forget(life.sessions, life.now)
    assert traces(life) == set()
