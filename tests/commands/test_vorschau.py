"""Organisers see what will be posted before it is."""

from sqlalchemy import update

from storage.models import Meeting
from storage.replies import ORGA

LEADER = {"by": "leitung-ihk", "place": ORGA}


async def test_the_next_posts_with_their_first_lines_in_pages(cohort):
    first = await cohort.says("!vorschau", **LEADER)
    assert first.splitlines()[1:3] == [
        "Mi 25.11., 09:45 – Gleich geht es los (Ankündigungen)",
        "„Gleich geht es los, 10:00 Uhr: Öffentlichkeitsarbeit: Tipps…“",
    ]
    assert first.endswith("Weiter: !mehr")
    second = await cohort.says("!mehr", **LEADER)
    assert second.splitlines()[1].startswith("Mo 30.11., 09:")
    assert second != await cohort.says("!mehr", **LEADER)


async def test_one_week(cohort):
    week = await cohort.says("!vorschau 14.12.", **LEADER)
    assert week.splitlines()[1].startswith("Mo 14.12., 09:00 – Impuls der Woche (Austausch)")
    assert "Tandems der Woche (Direktnachricht)" in week
    assert "Mo 11.01." not in week
    assert "sende ich von selbst nichts" in await cohort.says("!vorschau 28.12.", **LEADER)
    assert "Ein Tag genügt" in await cohort.says("!vorschau Quatsch", **LEADER)


async def test_what_was_shown_is_what_is_said(cohort):
    await cohort.clock_strikes("2026-11-24 15:00")
    shown = (await cohort.says("!vorschau", **LEADER)).splitlines()[2].strip("„“…")
    assert (await cohort.clock_strikes("2026-11-25 09:45")).startswith(shown)


async def test_the_state_of_the_course(cohort):
    await cohort.clock_strikes("2026-11-24 15:00")
    async with cohort.sessions.begin() as db:
        await db.execute(update(Meeting).where(Meeting.key == "w3").values(link=""))
    await cohort.says("!stopp alles", **LEADER)
    told = await cohort.says("!status", **LEADER)
    assert "Achtung: angehalten. Wieder senden: !weiter" in told
    assert "Offen: Link für w3." in told
    assert "Beigetreten: 15 von 16. Offen: tn16 (ohne Konto)" in told
    cohort.at("2026-11-25 12:00")
    assert "Material zu w3, Anwesenheit w3 (16)" in await cohort.says("!status", **LEADER)
