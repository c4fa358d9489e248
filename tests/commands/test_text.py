"""Organisers put a post into their own words, with placeholders that are explained."""

from pathlib import Path

import pytest

import bot
from storage.replies import ORGA

LEADER = {"by": "leitung-ihk", "place": ORGA}
SAMPLE = Path(bot.__file__).with_name("sample_course.toml")
NEW = "{Termin} am {datum}, {uhrzeit}:\n13. Thema {thema}, {zugang}, {kenncode}"
FILLED = (
    "Webinar 3 am Mi 25.11., 10:00 Uhr:\n"
    "– 13. Thema Öffentlichkeitsarbeit: Tipps und Tricks, https://video.example.org/nk2/w3, 4711"
)


async def test_for_one_meeting(cohort):
    await cohort.clock_strikes("2026-11-24 17:00")
    shown = await cohort.says(f"!text w3 gleich {NEW}", **LEADER)
    assert shown == f"Neuer Text: „gleich“ für Webinar 3?\n{FILLED}\nja oder nein"
    assert await cohort.says("ja", **LEADER) == (
        "Geändert: „gleich“ für Webinar 3. Wieder wie üblich: !text w3 gleich weg"
    )
    await cohort.imports(SAMPLE.read_bytes(), "2026-11-24 17:05")
    cohort.at("2026-11-24 17:05")
    assert "„Webinar 3 am Mi 25.11., 10:00 Uhr:“" in await cohort.says("!vorschau", **LEADER)
    assert await cohort.clock_strikes("2026-11-25 09:45") == FILLED
    await cohort.clock_strikes("2026-12-01 17:00")
    told = await cohort.clock_strikes("2026-12-02 09:45")
    assert told.startswith("Gleich geht es los, 10:00 Uhr: Tools")


async def test_for_all_meetings_and_back(cohort):
    await cohort.clock_strikes("2026-11-24 17:00")
    shown = await cohort.says("!text gleich Los um {uhrzeit}", **LEADER)
    assert "Achtung: ohne {zugang} steht kein Zugang im Beitrag." in shown
    await cohort.says("ja", **LEADER)
    assert "Los um {uhrzeit}" in await cohort.says("!text gleich", **LEADER)
    assert await cohort.clock_strikes("2026-11-25 09:45") == "Los um 10:00 Uhr"
    assert "Check-in 0 von 16" in await cohort.clock_strikes("2026-11-25 10:35")
    await cohort.says("!text gleich weg", **LEADER)
    assert "wieder der übliche Text" in await cohort.says("ja", **LEADER)
    await cohort.clock_strikes("2026-12-01 17:00")
    assert "Gleich geht es los" in await cohort.clock_strikes("2026-12-02 09:45")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "Platzhalter: {thema}, {termin}, {datum}, {uhrzeit}, {zugang}, {kenncode}"),
        ("gleich Los {uhr}", "{uhr} kenne ich nicht. Platzhalter: {thema}"),
        ("gleich {0.__class__}", "{0.__class__} kenne ich nicht"),
        ("gleich {thema", "{thema kenne ich nicht"),
        ("gleich " + "x" * 360, "höchstens 350 Zeichen"),
        ("pizza Text", "Diesen Beitrag gibt es nicht"),
        ("w3 checkin Text", "Diesen Beitrag gibt es nicht"),
        ("w99 gleich Text", "passt zu keinem Termin"),
    ],
)
async def test_what_cannot_be_said_changes_nothing(cohort, typed, told):
    assert told in await cohort.says(f"!text {typed}", **LEADER)
    assert await cohort.says("ja", **LEADER) == ""
