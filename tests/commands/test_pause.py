"""Organisers can always make the bot be quiet, and know what that means."""

from pathlib import Path

import pytest
from sqlalchemy import select

import bot
from storage.models import Occurrence
from storage.replies import INFO, ORGA, TALK

LEADER = {"by": "leitung-ihk", "place": ORGA}
SAMPLE = Path(bot.__file__).with_name("sample_course.toml")


async def planned(chat, subject):
    async with chat.sessions() as db:
        rows = await db.scalars(select(Occurrence).where(Occurrence.subject == subject))
        return {row.schedule for row in rows if row.state == "geplant"}


def posts(chat, since):
    return [s.body for s in chat.said[since:] if chat.place_of(s) in (INFO, TALK)]


async def test_a_pause_over_a_webinar_survives_the_next_import(cohort):
    before = await planned(cohort, "w4")
    shown = await cohort.says("!pause 30.11. bis 4.12.", **LEADER)
    assert shown == (
        "Pause vom Mo 30.11.2026 bis Fr 04.12.2026?\n"
        "In dieser Zeit sende ich von selbst nichts und antworte nur auf Fragen.\n"
        "Betroffen: 1 Termin, 1 Montagsimpuls, 1 Wochenrückblick\n"
        "Achtung: Webinar 4 (Mi 02.12.) ohne Hinweis am Vortag und ohne Zugang davor.\n"
        "ja oder nein. Sofort alles anhalten: !stopp alles"
    )
    assert await planned(cohort, "w4") == before
    await cohort.says("ja", **LEADER)
    left = await planned(cohort, "w4")
    assert "gleich" in before - left
    await cohort.imports(SAMPLE.read_bytes(), "2026-11-24 15:01")
    assert await planned(cohort, "w4") == left
    assert "Mo 30.11. bis Fr 04.12." in await cohort.says("!pause", **LEADER)
    await cohort.says("!pause weg", **LEADER)
    await cohort.says("ja", **LEADER)
    assert await planned(cohort, "w4") == before
    assert "keine Pause eingetragen" in await cohort.says("!pause weg", **LEADER)


@pytest.mark.parametrize(
    "typed", ["Quatsch", "08.01. bis 21.12.", "20.11. bis 21.11.", "31.02.", "1.1.2020-1.1.2030"]
)
async def test_days_that_make_no_sense(cohort, typed):
    answer = await cohort.says(f"!pause {typed}", **LEADER)
    assert len(answer.splitlines()) == 1
    assert await cohort.says("ja", **LEADER) == ""


async def test_nothing_goes_out_while_stopped(cohort):
    await cohort.clock_strikes("2026-11-24 15:00")
    assert "Alles angehalten." in await cohort.says("!stopp alles", **LEADER)
    since = len(cohort.said)
    for now in ("2026-11-25 09:45", "2026-11-25 11:41"):
        assert await cohort.clock_strikes(now) == ""
    assert "Webinar" in await cohort.says("!naechstes", by="tn02")
    assert posts(cohort, since) == []
    assert await cohort.says("!weiter", **LEADER) == (
        "Wieder senden?\n"
        "Gleich nachgeholt: 2 Beiträge\n"
        "Inzwischen nutzlos und ausgelassen: 3 Beiträge\n"
        "ja oder nein"
    )
    await cohort.says("ja", **LEADER)
    told = await cohort.clock_strikes("2026-11-25 11:52")
    assert "usgelassen: " in told
    assert "„Gleich geht es los“ zu Webinar 3" in told
    assert posts(cohort, since)[0].startswith("Danke fürs Mitmachen bei Webinar 3!")
    assert len(posts(cohort, since)) == 1
    assert "nichts angehalten" in await cohort.says("!weiter", **LEADER)
    assert "!stopp alles" in await cohort.says("!protokoll", **LEADER)


async def test_the_word_alone_stops_nothing_and_is_not_for_everybody(cohort):
    assert "!stopp alles" in await cohort.says("!stopp", **LEADER)
    assert not cohort.course.stopped
    await cohort.says("!stopp alles", by="tn02")
    assert "nichts angehalten" in await cohort.says("!weiter", **LEADER)
