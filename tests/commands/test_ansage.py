"""What organisers announce: previewed, once, at once or later, never at night by mistake."""

import pytest

from storage import occurrences
from storage.replies import INFO, ORGA, TALK

LEADER = {"by": "leitung-ihk", "place": ORGA}
TEXT = "Morgen bitte Kurzmeldung mitbringen."


def announced(chat):
    return [(chat.place_of(s), s.body) for s in chat.said if chat.place_of(s) in (INFO, TALK)]


async def test_at_once_after_a_yes(cohort):
    assert await cohort.says(f"!ansage {TEXT}", **LEADER) == (
        "Vorschau für Ankündigungen (16 Personen, mit Benachrichtigung):\n"
        f"{TEXT}\n"
        "Senden? ja – sofort, 14:00 – später, nein"
    )
    assert await cohort.says("ja", by="leitung-stiftung", place=ORGA) == ""
    assert announced(cohort) == []
    assert await cohort.says("ja", **LEADER) == f"{TEXT}\nGesendet im Raum Ankündigungen."
    assert announced(cohort) == [(INFO, TEXT)]
    sent = next(said for said in cohort.said if said.body == TEXT)
    assert (sent.content["msgtype"], sent.content["m.mentions"]) == ("m.text", {})
    assert await cohort.says("ja", **LEADER) == ""
    assert TEXT in await cohort.says("!protokoll", **LEADER)


async def test_no_or_too_late_says_nothing(cohort):
    await cohort.says(f"!ansage {TEXT}", **LEADER)
    assert "bleibt alles" in await cohort.says("nein", **LEADER)
    await cohort.says(f"!ansage {TEXT}", **LEADER)
    cohort.at("2026-11-24 15:11")
    assert (await cohort.says("ja", **LEADER)).startswith("Das kam zu spät")
    assert announced(cohort) == []


async def test_planned_with_room_and_time_survives_a_restart_and_comes_once(cohort):
    preview = await cohort.says("!ansage austausch Mi 10:00 Uhr Zeile 1\n13. Januar", **LEADER)
    assert preview == (
        "Vorschau für Austausch (16 Personen, mit Benachrichtigung):\n"
        "Zeile 1\n– 13. Januar\n"
        "Senden? ja – morgen, Mi 25.11., 10:00 Uhr, 14:00 – später, nein"
    )
    assert await cohort.says("ja", **LEADER) == (
        "Geplant für den Raum Austausch: morgen, Mi 25.11., 10:00 Uhr.\nZurücknehmen: !ansage liste"
    )
    async with cohort.sessions.begin() as db:
        await occurrences.plan(db, cohort.course, cohort.now)
    await cohort.clock_strikes("2026-11-25 09:59:59")
    assert announced(cohort)[-1][1] != "Zeile 1\n– 13. Januar"
    assert await cohort.clock_strikes("2026-11-25 10:00") == "Zeile 1\n– 13. Januar"
    assert await cohort.clock_strikes("2026-11-25 10:01") == ""


async def test_a_time_instead_of_yes_and_taken_back(cohort):
    await cohort.says("!ansage Gruß", **LEADER)
    told = await cohort.says("14:00 – später", **LEADER)
    assert "morgen, Mi 25.11., 14:00 Uhr" in told
    await cohort.says("!ansage Nacht", **LEADER)
    assert "morgen, Mi 25.11., 07:30 Uhr" in await cohort.says("22 Uhr", **LEADER)
    assert await cohort.says("!ansage liste", **LEADER) == (
        "Geplante Ansagen\n"
        "1 – morgen, Mi 25.11., 07:30 Uhr (Ankündigungen): Nacht\n"
        "2 – morgen, Mi 25.11., 14:00 Uhr (Ankündigungen): Gruß\n"
        "Zurücknehmen: !ansage weg 1"
    )
    await cohort.says("!ansage weg 1", **LEADER)
    assert "Zurückgenommen" in await cohort.says("ja", **LEADER)
    assert "Nacht" not in await cohort.says("!ansage", **LEADER)


@pytest.mark.parametrize(
    ("now", "until"),
    [("2026-11-24 20:00", "morgen, Mi 25.11., 07:30"), ("2026-12-23 10:00", "Mo 11.01., 07:30")],
)
async def test_quiet_hours_are_said_and_only_a_yes_breaks_them(cohort, now, until):
    cohort.at(now)
    shown = (await cohort.says("!ansage Eilig", **LEADER)).splitlines()
    assert shown[2:] == [
        f"Achtung: Ruhezeit bis {until} Uhr.",
        "Senden? ja – trotzdem sofort, 07:30 – später, nein",
    ]
    assert f"Geplant für den Raum Ankündigungen: {until} Uhr" in await cohort.says("7:30", **LEADER)


async def test_nobody_is_called_by_a_word(cohort):
    shown = await cohort.says("!ansage @room Bitte lesen", **LEADER)
    assert "\nBitte lesen\n@room lasse ich weg: Wer ansagt und der Bot brauchen" in shown
    await cohort.says("ja", **LEADER)
    assert announced(cohort) == [(INFO, "Bitte lesen")]
    assert cohort.said[-2].content["m.mentions"] == {}


async def test_who_may_calls_everybody_at_once_and_later(cohort):
    there = (cohort.room(INFO), cohort.message("", "leitung-ihk", ORGA).sender)
    cohort.router.may_call = lambda room, person: (room, person) == there
    for typed in ("!ansage @room Bitte lesen", "!ansage info Mi 10:00 Bitte @room lesen"):
        assert "\n@room\nBitte lesen\nSenden?" in await cohort.says(typed, **LEADER)
        await cohort.says("ja", **LEADER)
    await cohort.clock_strikes("2026-11-25 10:00")
    said = [one for one in cohort.said if one.body == "@room\nBitte lesen"]
    assert [one.content["m.mentions"] for one in said] == [{"room": True}] * 2
    await cohort.says("!ansage austausch @room Bitte lesen", **LEADER)
    await cohort.says("ja", **LEADER)
    assert announced(cohort)[-1] == (TALK, "Bitte lesen")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("info", "fehlt noch der Text"),
        ("info Mo 23.11. 10:00 Zu spät", "Vergangenheit"),
        ("x" * 400, "höchstens 380 Zeichen"),
        ("weg 7", "gibt es nicht"),
    ],
)
async def test_what_makes_no_sense_is_said_in_one_sentence(cohort, typed, told):
    assert told in await cohort.says(f"!ansage {typed}", **LEADER)
    assert await cohort.says("ja", **LEADER) == ""
    assert "nur für die Lehrgangsleitung" in await cohort.says(f"!ansage {typed}", place=TALK)
