"""What organisers make of attendance, and what the chamber gets."""

import csv
import io

import pytest
from sqlalchemy import select

from storage.attendance import CONFIRMED, EXPORTED
from storage.lists import spreadsheet
from storage.models import Attendance, Person
from storage.replies import ORGA

LEADER = {"by": "leitung-ihk", "place": ORGA}


@pytest.fixture
async def noon(cohort):
    """Webinar 3 is over: three checked in, one of them late, one signed off."""
    await cohort.says("!abmelden", by="tn06")
    await cohort.says("ja", by="tn06")
    cohort.at("2026-11-25 10:00")
    await cohort.says("da", by="tn01")
    await cohort.says("da", by="tn02")
    cohort.at("2026-11-25 10:50")
    await cohort.says("da", by="tn03")
    cohort.at("2026-11-25 11:40")
    return cohort


async def entries(chat):
    async with chat.sessions() as db:
        rows = await db.scalars(select(Attendance).where(Attendance.meeting == "w3"))
        return {row.person: (row.units, row.state) for row in rows}


async def test_all_are_confirmed_as_they_reported(noon):
    listed = (
        "Webinar 3: Check-in 3 von 16\n"
        "Abgemeldet: tn06\n"
        "Nur zum Teil dabei: tn03 1 UE\n"
        "Ohne Meldung: tn04, tn05, tn07, tn08, tn09, tn10, tn11, tn12, tn13, tn14, tn15, tn16\n"
        "Wie gemeldet bestätigen? ja\n"
        "Einzeln: !anwesend w3 tn04 2\n"
        "Bitte mit der Teilnahmeliste der Videokonferenz abgleichen."
    )
    for text in ("!anwesend", "!anwesend w3", "!anwesend 3 alle", "!Anwesenheit w3"):
        assert await noon.says(text, **LEADER) == listed
    assert {state for _, state in (await entries(noon)).values()} == {"selbst", "abgemeldet"}
    answer = await noon.says("ja", **LEADER)
    assert answer.splitlines()[:3] == [
        "Webinar 3, Mi 25.11.: bestätigt.",
        "Anwesend: 3",
        "Abgemeldet, ohne UE: 1",
    ]
    assert await entries(noon) == {
        "tn01": (2, CONFIRMED),
        "tn02": (2, CONFIRMED),
        "tn03": (1, CONFIRMED),
        "tn06": (0, CONFIRMED),
    }
    assert "schon bestätigt" in await noon.says("da", by="tn03")
    assert "bestätigen?" not in await noon.says("!anwesend w3", **LEADER)


async def test_single_corrections(noon):
    assert await noon.says("!anwesend w3 tn10 2", **LEADER) == (
        "Webinar 3: 2 von 2 UE bestätigt.\ntn10 (bisher ohne Meldung)"
    )
    assert await noon.says("!anwesend w3 Wattkante, tn06 0", **LEADER) == (
        "Webinar 3: 0 von 2 UE bestätigt.\ntn01 (bisher 2 UE), tn06 (bisher 0 UE)"
    )
    assert await noon.says("!anwesend w3 tn09 nachgeholt", **LEADER) == (
        "Webinar 3: 2 von 2 UE bestätigt, nachgeholt.\ntn09 (bisher ohne Meldung)"
    )
    before = await entries(noon)
    assert "höchstens 2 UE" in await noon.says("!anwesend w3 tn10 3", **LEADER)
    assert "„tn99“ kenne ich nicht" in await noon.says("!anwesend w3 tn10 tn99 1", **LEADER)
    assert "So geht es" in await noon.says("!anwesend w3 tn10", **LEADER)
    assert "beginnt erst" in await noon.says("!anwesend w4 tn10 2", **LEADER)
    assert await entries(noon) == before


async def test_the_word_means_check_in_to_everybody_else(noon):
    assert "direkt" in await noon.says("!anwesenheit", by="tn02", place="austausch")
    assert "bestätigt" in await noon.says("anwesend", by="tn02")


async def test_the_chamber_gets_a_file(noon):
    async with noon.sessions.begin() as db:
        person = await db.scalar(select(Person).where(Person.key == "tn04"))
        person.display = "=HYPERLINK(1)"
    await noon.says("!anwesend w3 tn09 nachgeholt", **LEADER)
    answer = await noon.says("!export", **LEADER)
    assert "Nötig: 36 von 44 UE (80 Prozent)" in answer
    assert "Offen, noch nicht bestätigt: 15 Einträge" in answer
    file = noon.said[-1]
    assert file.room == noon.room(ORGA)
    assert file.content["filename"] == "nk-2026-2-teilnahme-2026-11-25.csv"
    assert file.file.startswith(b"\xef\xbb\xbf")
    rows = {
        r["Kennung"]: r
        for r in csv.DictReader(io.StringIO(file.file.decode("utf-8-sig")), delimiter=";")
    }
    assert len(rows) == 16
    assert rows["tn04"]["Rolle"] == "'=HYPERLINK(1)"
    told = ("Summe UE", "von UE", "nötig UE", "Quote in Prozent", "Stand", "nachgeholt", "offen")
    assert [rows["tn09"][name] for name in told] == [
        *("20", "44", "36", "45,4", "noch möglich", "w3", "")
    ]
    assert rows["tn16"]["Summe UE"] == "12"
    assert (await entries(noon))["tn09"] == (2, EXPORTED)
    assert (await entries(noon))["tn01"] == (2, "selbst")
    await noon.says("!anwesend w3 tn09 1", **LEADER)
    assert (await entries(noon))["tn09"] == (1, CONFIRMED)


async def test_only_organisers_in_their_room(noon):
    for where in ({"by": "tn02", "place": ORGA}, {"by": "leitung-ihk", "place": "direct"}):
        assert "nur für die Lehrgangsleitung" in await noon.says("!export", **where)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", " ＋", "－", "＠"])
def test_no_cell_is_a_formula(start):
    assert spreadsheet.file([[f"{start}1", 2]]).decode("utf-8-sig").startswith("'")
