"""What organisers confirm is written down, once and in one place."""

from bot import forgetting
from storage.replies import ORGA

LEADER = {"by": "leitung-ihk", "place": ORGA}


async def test_what_is_confirmed_is_written_down(cohort):
    assert await cohort.says("!protokoll", **LEADER) == (
        "Bisher steht nichts im Protokoll. Hier erscheint, was mit ja bestätigt wurde."
    )
    await cohort.says("!aushang", **LEADER)
    await cohort.says("nein", **LEADER)
    await cohort.says("!aushang", **LEADER)
    await cohort.says("ja", **LEADER)
    assert await cohort.says("!protokoll", **LEADER) == (
        "Protokoll (1 bis 1 von 1, das Neueste zuerst)\n"
        "Di 24.11. 15:00, leitung-ihk: !aushang\n"
        "Aufbewahrt wird es 30 Tage."
    )
    assert "nur für die Lehrgangsleitung" in await cohort.says("!protokoll", place="austausch")


async def test_it_has_pages_and_forgets(cohort):
    for minute in range(10):
        cohort.at(f"2026-11-24 15:{minute * 4:02}")
        await cohort.says("!aushang", **LEADER)
        await cohort.says("ja", **LEADER)
    assert (await cohort.says("!protokoll", **LEADER)).endswith("\nWeiter: !mehr")
    assert (await cohort.says("!mehr", **LEADER)).startswith("Protokoll (9 bis 10 von 10,")
    cohort.at("2026-12-26 15:00")
    await forgetting.forget(cohort.sessions, cohort.now)
    await cohort.says("!aushang", **LEADER)
    await cohort.says("ja", **LEADER)
    assert "(1 bis 1 von 1," in await cohort.says("!protokoll", **LEADER)
