"""Attendance by the list of the video conference."""

import pytest
from sqlalchemy import select

from storage.lists import presence_reading
from storage.models import Attendance, OutgoingMessage, Question, Upload
from storage.replies import ORGA

LEADER = {"by": "leitung-ihk", "place": ORGA}
ZOOM = """\
Besprechungs-ID,Thema,Startzeit,Endzeit,E-Mail,Dauer (Minuten),Teilnehmende
812 3456,Webinar 3,25.11.2026 09:40:12,25.11.2026 11:35:00,ihk@example.org,115,8

Name (Originalname),E-Mail,Beitrittszeit,Austrittszeit,Dauer (Minuten),Gast
Anna Schmidt (Wattkante),,25.11.2026 09:50:00,25.11.2026 11:32:00,102,Ja
tn02,,25.11.2026 10:00:00,25.11.2026 10:30:00,30,Ja
tn02,,25.11.2026 10:31:00,25.11.2026 11:30:00,59,Ja
Elbaue,,25.11.2026 10:50:00,25.11.2026 11:30:00,40,Ja
Petra - Elbaue iPad,,25.11.2026 10:55:00,25.11.2026 11:31:00,36,Ja
heidesand (Gast),,25.11.2026 10:00:00,25.11.2026 11:30:00,90,Ja
Granitlnd Max,,25.11.2026 10:00:00,25.11.2026 11:30:00,90,Ja
iPad von Bärbel,,25.11.2026 10:00:00,25.11.2026 10:10:00,10,Ja
"""
PREVIEW = """\
Abgleich Webinar 3, Mi 25.11.: 6 Personen gelesen, noch nichts gespeichert
2 UE: tn01, tn02, tn06
1 UE: tn08 (40 min)
Nicht in der Liste: tn03, tn04, tn05, tn07, tn10, tn11, tn12, tn13, tn14, tn15, tn16
Anders als gemeldet: tn06 (abgemeldet)
Schon bestätigt, bleibt: tn09
Unklar: „Granitlnd Max“ (90 min), vielleicht tn16. Wenn ja: !anwesend w3 tn16 2
Unklar: „iPad von Bärbel“ (10 min), wer ist das?
Einzeln: !anwesend w3 tn03 2
So bestätigen: ja oder nein"""
TEAMS = (
    "1. Zusammenfassung\nBesprechungstitel\tWebinar 3\nAnwesende Teilnehmer\t2\n\n"
    "2. Teilnehmer\nName\tErster Beitritt\tLetztes Verlassen\tBesprechungsdauer\tE-Mail\tRolle\n"
    "Wattkante\t25.11.26, 09:58:03\t25.11.26, 11:30:10\t1 Std. 32 Min. 7 Sek.\t\tReferent\n"
    "tn02\t25.11.26, 10:45:00\t25.11.26, 11:30:00\t45 Min.\t\tReferent\n\n"
    "3. Aktivitäten\nName\tBeitritt\tVerlassen\tDauer\n"
    "Wattkante\t25.11.26, 09:58:03\t25.11.26, 11:30:10\t1 Std. 32 Min.\n"
)
BBB = (
    '"Name","Moderator","Activity Score","Join","Left","Duration"\n'
    '"Wattkante","false","3","11/25/2026, 9:58:03 AM","11/25/2026, 11:30:10 AM","01:32:07"\n'
    '"tn02","true","9","11/25/2026, 10:45:00 AM","11/25/2026, 11:30:00 AM","00:45:00"\n'
)
COUNTED = "Teilnehmer;Minuten\nWattkante;92\ntn02;20,5\ntn02;24,5\n"


@pytest.fixture
async def noon(cohort):
    """Webinar 3 is over; somebody had signed off, and somebody is settled already."""
    await cohort.says("!abmelden", by="tn06")
    await cohort.says("ja", by="tn06")
    cohort.at("2026-11-25 11:40")
    await cohort.says("!anwesend w3 tn09 0", **LEADER)
    return cohort


async def entries(chat):
    async with chat.sessions() as db:
        rows = await db.scalars(select(Attendance).where(Attendance.meeting == "w3"))
        return {row.person: (row.units, row.state) for row in rows}


async def test_who_was_there_and_for_how_long(noon):
    before = await entries(noon)
    await noon.uploads("participants.csv", ZOOM.encode())
    assert await noon.says("!abgleich w3", **LEADER) == PREVIEW
    assert await entries(noon) == before
    assert await noon.says("ja", **LEADER) == (
        "Webinar 3, Mi 25.11.: bestätigt.\n2 UE: 3, 1 UE: 1\n"
        "Noch offen: tn03, tn04, tn05, tn07, tn10, tn11, tn12, tn13, tn14, tn15, tn16\n"
        "Eintragen: !anwesend w3 tn03 0"
    )
    settled = {"tn01": 2, "tn02": 2, "tn06": 2, "tn08": 1, "tn09": 0}
    assert await entries(noon) == {key: (n, "bestaetigt") for key, n in settled.items()}
    assert "!abgleich w3 tn01:2 tn02:2 tn06:2 tn08:1" in await noon.says("!protokoll", **LEADER)


async def test_nothing_of_the_names_is_kept(noon):
    await noon.uploads("participants.csv", ZOOM.encode())
    await noon.says("!abgleich w3", **LEADER)
    await noon.says("ja", **LEADER)
    async with noon.sessions() as db:
        for table in (OutgoingMessage, Question, Upload, Attendance):
            kept = str([vars(row) for row in await db.scalars(select(table))])
            assert not any(name in kept for name in ("Anna", "Petra", "Max", "Bärbel"))


@pytest.mark.parametrize(
    "data",
    [TEAMS.encode("utf-16"), BBB.encode(), COUNTED.encode("cp1252")],
    ids=["teams", "bbb", "counted"],
)
async def test_the_lists_of_other_tools(noon, data):
    await noon.uploads("liste.csv", data)
    answer = await noon.says("!abgleich 3", **LEADER)
    assert answer.splitlines()[1:3] == ["2 UE: tn01", "1 UE: tn02 (45 min)"]


async def test_the_list_of_another_day_and_a_meeting_to_come(noon):
    await noon.uploads("liste.csv", ZOOM.replace("25.11.2026", "18.11.2026").encode())
    answer = await noon.says("!abgleich w3", **LEADER)
    assert answer.splitlines()[1] == "Achtung: Die Liste ist vom Mi 18.11."
    assert await noon.says("!abgleich w4", **LEADER) == (
        "Webinar 4 beginnt erst Mi 02.12., 10:00 Uhr."
    )
    noon.at("2026-11-25 12:40")
    assert (await noon.says("!abgleich w3", **LEADER)).startswith("Hier liegt keine neue Liste.")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("25.11.2026 09:58:03", "2026-11-25 09:58:03"),
        ("11/25/26, 9:58:03\u202fPM", "2026-11-25 21:58:03"),
        ("25/11/2026 09:58", "2026-11-25 09:58:00"),
        ("2026-11-25T09:58:03Z", "2026-11-25 09:58:03"),
        ("irgendwann", "None"),
    ],
)
def test_moments_in_every_form(text, told):
    assert str(presence_reading.moment(text)) == told
