"""Voting by number and by name, before, during and after the poll."""

import pytest
from sqlalchemy import delete, select

from storage.models import Ballot, Poll, Topic

UNTIL = "Fr 11.12., 12:00 Uhr"
OPEN = "2026-12-02 10:00"


async def ballots(chat):
    async with chat.sessions.begin() as db:
        return [tuple(b.answers) for b in await db.scalars(select(Ballot).order_by(Ballot.id))]


@pytest.mark.parametrize(
    ("typed", "shown", "number"),
    [
        ("3", "3 – Verstetigung", "3"),
        ("3.", "3 – Verstetigung", "3"),
        ("Nr. 3 bitte", "3 – Verstetigung", "3"),
        ("drei", "3 – Verstetigung", "3"),
        ("3 Verstetigung", "3 – Verstetigung", "3"),
        ("Versteigung", "3 – Verstetigung", "3"),
        ("für die Verstetigung", "3 – Verstetigung", "3"),
        ("konflikt", "1 – Schwierige Situationen", "1"),
        ("schwierige situationen im netzwerk", "1 – Schwierige Situationen", "1"),
        ("social", "4 – Social Media", "4"),
        ("Organisationsentwicklung", "2 – Organisationsentwicklung", "2"),
    ],
)
async def test_a_vote_by_number_or_name(cohort, typed, shown, number):
    cohort.at(OPEN)
    assert await cohort.says(f"!stimme {typed}") == (
        f"Stimme gezählt: {shown}. Danke!\n"
        f"Ändern geht bis {UNTIL}: einfach neue Zahl schicken.\n"
        "Hinweis: Die Lehrgangsleitung sieht nur die Summen."
    )
    assert await ballots(cohort) == [(number,)]


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("", "Welches Thema? Bitte 1, 2, 3 oder 4, zum Beispiel !stimme 4"),
        ("wattkante", "Welches Thema? Bitte 1, 2, 3 oder 4, zum Beispiel !stimme 4"),
        ("1 Verstetigung", "Welches Thema? Bitte 1, 2, 3 oder 4, zum Beispiel !stimme 4"),
        ("9", "Zur Wahl stehen 1, 2, 3 oder 4. Es hat sich nichts geändert. Mehr: !themen"),
        ("0", "Zur Wahl stehen 1, 2, 3 oder 4. Es hat sich nichts geändert. Mehr: !themen"),
        ("33", "Zur Wahl stehen 1, 2, 3 oder 4. Es hat sich nichts geändert. Mehr: !themen"),
        (
            "1 und 3",
            "Es gibt nur eine Stimme pro Person, bitte 1, 2, 3 oder 4. "
            "Es hat sich nichts geändert.",
        ),
    ],
)
async def test_an_unclear_vote_changes_nothing(cohort, typed, answer):
    cohort.at(OPEN)
    assert await cohort.says(f"!stimme {typed}") == answer
    assert await ballots(cohort) == []


async def test_several_votes_where_they_are_allowed(cohort, change):
    await change(Poll, votes_per_person=2)
    cohort.at(OPEN)
    for typed in ("1 und 3", "3, 1", "13 1", "Verstetigung und Konflikt"):
        await cohort.says(f"!stimme {typed}")
    assert await ballots(cohort) == [("1", "3"), ("1", "3"), ("1", "3")]
    assert "höchstens 2 Stimmen" in await cohort.says("!stimme 1 2 3")


@pytest.mark.parametrize(
    "text", ["!stimme zurück", "!stimme enthalten", "enthalten", "!enthaltung"]
)
async def test_a_vote_can_be_withdrawn(cohort, text):
    cohort.at(OPEN)
    await cohort.says("!stimme 3")
    assert (await cohort.says("!stand")).startswith("1 von 16")
    assert await cohort.says(text) == (
        f"Gut, das zählt als Enthaltung. Abstimmen geht weiter bis {UNTIL}: !themen"
    )
    assert (await cohort.says("!stand")).startswith("0 von 16")


async def test_the_servers_clock_decides(cohort):
    cohort.at("2026-12-11 11:59")
    sent = cohort.now
    cohort.at("2026-12-11 12:04")
    assert (await cohort.says("!stimme 3", sent=sent)).startswith("Stimme gezählt")
    late = await cohort.says("!stimme 1")
    assert late == (
        "Die Abstimmung ist seit 12:00 Uhr geschlossen, diese Stimme zählt leider nicht mehr.\n"
        "Das Ergebnis steht bald im Raum Ankündigungen."
    )
    assert await ballots(cohort) == [("3",)]


async def test_a_vote_counts_though_the_bot_was_away(cohort):
    cohort.at("2026-12-02 10:00")
    sent = cohort.now
    cohort.at("2026-12-03 10:00")
    await cohort.says("!stimme 3", sent=sent, backlog=True)
    assert await ballots(cohort) == [("3",)]


async def test_after_an_early_end_nothing_counts(cohort, change):
    cohort.at("2026-12-05 12:00")
    await change(Poll, closes=cohort.now)
    cohort.at("2026-12-07 10:00")
    assert "seit Sa 05.12., 12:00 Uhr geschlossen" in await cohort.says("!stimme 3")
    assert await ballots(cohort) == []


async def test_before_the_opening(cohort):
    assert await cohort.says("!stimme 3") == (
        "Die Abstimmung beginnt Mo 30.11., 09:00 Uhr. Worum es geht: !themen"
    )
    assert await cohort.says("!stand") == (
        f"Die Abstimmung beginnt Mo 30.11., 09:00 Uhr, Schluss ist {UNTIL}.\nWorum es geht: !themen"
    )


async def test_only_participants_vote(cohort):
    cohort.at(OPEN)
    answer = "Abstimmen können nur die Teilnehmenden. Wie es steht: !stand"
    assert await cohort.says("!stimme 3", by="leitung-ihk") == answer
    assert (await cohort.says("!stimme 3", by="gast", place="austausch")).startswith(answer)
    assert await ballots(cohort) == []


async def test_in_a_room_the_choice_is_not_repeated(cohort):
    cohort.at(OPEN)
    assert await cohort.says("!stimme 3", place="austausch") == (
        "Gezählt. Danke! Wer lieber verdeckt abstimmt: mir direkt schreiben."
    )


async def test_themes_while_open_and_after(cohort, change):
    cohort.at(OPEN)
    assert (await cohort.says("!themen")).splitlines()[-2:] == [
        f"Eine Stimme pro Person, bis {UNTIL}: !stimme 4",
        "Verdeckt geht auch: mir direkt die Zahl schreiben. Wie es steht: !stand",
    ]
    cohort.at("2026-12-14 10:00")
    await change(key="w7", topic="Verstetigung", speakers=["ref-verstetigung"])
    assert (await cohort.says("!themen")).splitlines()[-2:] == [
        "Die Abstimmung ist geschlossen. Das Ergebnis kommt in den Raum Ankündigungen.",
        "Entschieden: Verstetigung (Mi 13.01.)",
    ]
    assert await cohort.says("!stand") == (
        "Die Abstimmung ist geschlossen. 0 von 16 haben abgestimmt.\n"
        "Das Ergebnis steht im Raum Ankündigungen, sobald es bestätigt ist."
    )


async def test_sums_are_shown_only_where_they_may(cohort, change):
    cohort.at(OPEN)
    await cohort.says("!stimme 3")
    assert "Verstetigung" not in await cohort.says("!stand")
    await change(Poll, interim_visible=True)
    assert (await cohort.says("!stand")).splitlines()[1] == (
        "Bisher: Schwierige Situationen 0, Organisationsentwicklung 0, Verstetigung 1, "
        "Social Media 0"
    )


async def test_a_course_without_a_poll(cohort):
    async with cohort.sessions.begin() as db:
        await db.execute(delete(Poll))
    none = "Zurzeit gibt es keine Abstimmung. Termine und Themen: !programm"
    assert await cohort.says("!stand") == none
    assert await cohort.says("!stimme 3") == none
    assert (await cohort.says("!themen")).splitlines()[0] == "Vier Wahlthemen"
    async with cohort.sessions.begin() as db:
        await db.execute(delete(Topic))
    assert await cohort.says("!themen") == (
        "In diesem Lehrgang stehen keine Wahlthemen an. Alle Termine: !programm alle"
    )
