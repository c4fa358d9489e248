"""Organisers ask, start, end, extend and call off; nothing happens without a yes."""

import pytest
from sqlalchemy import select

from storage.models import Poll
from storage.replies import ORGA

LEADER = {"by": "leitung-ihk", "place": ORGA}
ASK = "!umfrage Sie oder du? | Sie | du | bis Fr 12:00"
HOW = "So geht es: !umfrage Sie oder du? | Sie | du | bis Fr 12:00"
RUNNING = "Die Abstimmung läuft schon, bis Fr 11.12., 12:00 Uhr. Stand: !stand"


async def polls_of(chat):
    async with chat.sessions() as db:
        return list(await db.scalars(select(Poll).order_by(Poll.id)))


async def agreed(chat, text):
    """Type it, and say yes to the preview."""
    assert (await chat.says(text, **LEADER)).endswith("\nja oder nein"), text
    return await chat.says("ja", **LEADER)


async def strikes(chat, now):
    """What the clock makes the bot say about polls at that moment, by room."""
    await chat.clock_strikes(now)
    said = [(chat.place_of(s) if "!" in s.room else s.room, s.body) for s in chat.said[chat.mark :]]
    chat.mark = len(chat.said)
    return said


@pytest.fixture
async def quiet(cohort):
    """The sample course, where all that was due before has been said."""
    await cohort.clock_strikes("2026-11-24 15:00")
    cohort.mark = len(cohort.said)
    return cohort


async def test_a_question_from_its_preview_to_its_result(quiet):
    assert await quiet.says(ASK, **LEADER) == (
        "Umfrage starten? Sie oder du?\n"
        "1 – Sie, 2 – du\n"
        "Raum Austausch, 1 Stimme pro Person, Zwischenstand verdeckt\n"
        "Schluss: Fr 27.11., 12:00 Uhr\n"
        "ja oder nein"
    )
    assert len(await polls_of(quiet)) == 1
    assert await quiet.says("ja", **LEADER) == (
        "Gestartet: gleich steht die Umfrage im Raum Austausch, bis Fr 27.11., 12:00 Uhr."
    )
    quiet.mark = len(quiet.said)
    opened = await strikes(quiet, "2026-11-24 15:00")
    assert [place for place, _ in opened] == ["austausch", "austausch"]
    assert opened[0][1].startswith("Umfrage: Sie oder du?\n1 – Sie\n2 – du\nSchluss: Fr 27.11.")
    assert (await quiet.says("2", by="tn02")).startswith("Stimme gezählt: 2 – du. Danke!")
    assert (await quiet.says("!stimme sie", by="tn03")).startswith("Stimme gezählt: 1 – Sie.")
    assert (await quiet.says("!stimme sie", by="tn04")).startswith("Stimme gezählt: 1 – Sie.")
    assert await quiet.says("!stimme 3") == (
        "Zur Wahl stehen 1 oder 2. Es hat sich nichts geändert. Mehr: !stand"
    )
    assert await quiet.says("!stimme") == "Welche Antwort? Bitte 1 oder 2, zum Beispiel !stimme 2"
    assert await quiet.says("!stand") == (
        "Sie oder du?\n"
        "3 von 16 haben abgestimmt. Das Ergebnis kommt nach dem Schluss: Fr 27.11., 12:00 Uhr.\n"
        "Zur Wahl: 1 – Sie, 2 – du\n"
        "Abstimmen: !stimme 2"
    )
    await quiet.clock_strikes("2026-11-27 11:59")
    quiet.mark = len(quiet.said)
    result = "Sie oder du?\nUmfrage: 3 von 16 Stimmen\nSie 2\ndu 1"
    assert await strikes(quiet, "2026-11-27 12:00:01") == [
        ("orga", result),
        ("austausch", result),
        ("austausch", "Bild zum Ergebnis. 1 – Sie: 2; 2 – du: 1. 3 von 16 haben abgestimmt."),
        ("austausch", "Die Umfrage ist geschlossen. Danke fürs Mitmachen!"),
    ]
    assert await quiet.says("!stand") == result
    assert await quiet.says("!umfrage ende", **LEADER) == result.split("\n", 1)[1]


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-12-11 12:00:01", "Mo 14.12., 12:00 Uhr"),
        ("2026-12-14 10:20", "Mi 16.12., 11:00 Uhr"),
        ("2026-12-14 19:00", "Do 17.12., 07:30 Uhr"),
        ("2026-12-18 10:00", "Mo 11.01., 10:00 Uhr"),
        ("2026-11-16 10:00", "Do 19.11., 10:00 Uhr"),
    ],
)
async def test_the_end_is_chosen_on_a_working_day_where_none_is_given(cohort, change, now, end):
    cohort.at(now)
    await change(Poll, "wahl-1", opens=cohort.now, closes=cohort.now)
    assert (await cohort.says("!umfrage Wann? | früh | spät", **LEADER)).splitlines()[3] == (
        f"Schluss: {end} (48 Stunden, nur an Werktagen; anders: | bis Fr 12:00)"
    )


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("", HOW),
        ("Sie oder du?", HOW),
        ("Sie? | ja", f"Eine Umfrage braucht 2 bis 20 Antworten (hier: 1). {{same}}\n{HOW}"),
        (
            "Wie viele? | " + " | ".join(map(str, range(21))),
            f"Eine Umfrage braucht 2 bis 20 Antworten (hier: 21). {{same}}\n{HOW}",
        ),
        ("Sie? | ja | Ja", f"Zwei Antworten sind gleich. {{same}}\n{HOW}"),
        (" | ja | nein", f"Es fehlt die Frage vor dem ersten Strich. {{same}}\n{HOW}"),
        (
            "Sie? | ja | nein | bis gestern",
            f"Das Ende liegt in der Vergangenheit. {{same}}\n{HOW}",
        ),
        (
            "Sie? | ja | nein | bis irgendwann",
            f"Das Ende verstehe ich nicht, bitte so: bis Fr 12:00. {{same}}\n{HOW}",
        ),
        (
            "Sie? | ja | nein | 3 Stimmen",
            f"Möglich sind 1 bis 2 Stimmen pro Person. {{same}}\n{HOW}",
        ),
        (
            "Sie? | ja | nein | bis Di 1.12. 12 Uhr",
            "Da läuft eine andere Abstimmung (Mo 30.11., 09:00 Uhr bis Fr 11.12., 12:00 Uhr); "
            "zwei zugleich gehen nicht.",
        ),
    ],
)
async def test_a_question_that_makes_no_sense_changes_nothing(cohort, typed, answer):
    said = await cohort.says(f"!umfrage {typed}", **LEADER)
    assert said.startswith(answer.format(same="Es hat sich nichts geändert."))
    assert await cohort.says("ja", **LEADER) == ""
    assert len(await polls_of(cohort)) == 1


async def test_a_deadline_on_a_holiday_is_a_warning(cohort, change):
    await change(Poll, "wahl-1", cancelled=True, closes=cohort.now)
    for day, warning in (
        ("06.01.", "Mi 06.01.: Heilige Drei Könige, Feiertag (BW, BY, ST); liegt in: Winterpause"),
        ("03.10.2027", "So 03.10.: Tag der Deutschen Einheit, Feiertag (BB, BE, BW, BY, HB, HE, "),
        ("28.11.", "Sa 28.11.: Wochenende"),
    ):
        said = await cohort.says(f"!umfrage Wann? | a | b | bis {day}", **LEADER)
        assert f"\nAchtung, {warning}" in said
        assert said.endswith("\nja oder nein")
    late = await cohort.says("!umfrage Wann? | a | b | bis Do 22:00", **LEADER)
    assert "\nAchtung, Do 26.11.: liegt in der Ruhezeit\n" in late


async def test_settings_may_follow_the_answers(cohort):
    said = await cohort.says("!umfrage Was? | a | b | c | 2 Stimmen | offen | bis Do", **LEADER)
    assert said.splitlines()[1:4] == [
        "1 – a, 2 – b, 3 – c",
        "Raum Austausch, 2 Stimmen pro Person, Zwischenstand offen",
        "Schluss: Do 26.11., 12:00 Uhr",
    ]
    await cohort.says("ja", **LEADER)
    poll = (await polls_of(cohort))[-1]
    assert (poll.choices, poll.votes_per_person, poll.interim_visible) == (["a", "b", "c"], 2, True)
    await agreed(cohort, "!umfrage abbrechen")
    await agreed(cohort, "!umfrage Die Tür? | zu | offen | bis Do")
    poll = (await polls_of(cohort))[-1]
    assert (poll.choices, poll.interim_visible) == (["zu", "offen"], False)


async def test_what_was_confirmed_is_what_happens(cohort):
    cohort.at("2026-11-24 23:59")
    await cohort.says("!umfrage Wann? | früh | spät | bis morgen 18:00", **LEADER)
    cohort.at("2026-11-25 00:05")
    assert (await cohort.says("ja", **LEADER)).endswith("bis heute, Mi 25.11., 18:00 Uhr.")


async def test_only_the_same_person_in_the_same_room_can_say_yes_and_only_for_ten_minutes(cohort):
    await cohort.says(ASK, **LEADER)
    assert await cohort.says("ja", by="leitung-stiftung", place="orga") == ""
    assert await cohort.says("ja", by="leitung-ihk", place="austausch") == ""
    assert await cohort.says("nein", **LEADER) == "In Ordnung, es bleibt alles, wie es ist."
    assert await cohort.says("ja", **LEADER) == ""
    await cohort.says(ASK, **LEADER)
    cohort.at("2026-11-24 15:10")
    assert (await cohort.says("ja", **LEADER)).startswith("Das kam zu spät")
    assert len(await polls_of(cohort)) == 1


async def test_typing_what_a_yes_would_run_is_not_saying_yes(cohort):
    cohort.at("2026-11-30 08:50")
    for line in (
        "!umfrage start wahl-1",
        "!umfrage Sie? | ja | nein | bis 2026-11-30 08:55 | 1 Stimmen",
    ):
        assert (await cohort.says(line, **LEADER)).endswith("\nja oder nein")
    assert len(await polls_of(cohort)) == 1
    assert (await polls_of(cohort))[0].filed == {}


@pytest.mark.parametrize("place", ["austausch", "direct"])
@pytest.mark.parametrize("text", [ASK, "!platz B konflikt", "!stichwahl", "!rückgängig"])
async def test_only_organisers_in_their_room(cohort, place, text):
    answer = "Diesen Befehl gibt es nur für die Lehrgangsleitung, in ihrem Raum.\n"
    for by in ("tn02", "leitung-ihk"):
        assert (await cohort.says(text, by=by, place=place)).startswith(answer)


async def test_an_early_start_opens_the_poll_and_not_again_at_its_time(quiet):
    quiet.at("2026-11-30 08:50")
    assert await agreed(quiet, "!wahl starten") == (
        "Gestartet: gleich steht sie im Raum Austausch. Schluss: Fr 11.12., 12:00 Uhr."
    )
    await quiet.clock_strikes("2026-11-30 08:50")
    assert await quiet.says("!umfrage start", **LEADER) == RUNNING
    assert (await quiet.says("3")).startswith("Stimme gezählt: 3")
    quiet.mark = len(quiet.said)
    assert [b for _, b in await strikes(quiet, "2026-11-30 09:00") if "Abstimmung" in b] == []


async def test_an_early_end_counts_what_came_until_then(quiet):
    await quiet.clock_strikes("2026-11-30 09:00")
    quiet.at("2026-12-02 10:00")
    for number in range(1, 10):
        await quiet.says("!stimme 3" if number < 6 else "!stimme 1", by=f"tn{number:02}")
    assert await quiet.says("!umfrage ende", **LEADER) == (
        "Abstimmung jetzt beenden? 9 von 16 haben abgestimmt\n"
        "Schluss wäre Fr 11.12., 12:00 Uhr\n"
        "ja oder nein"
    )
    assert await quiet.says("ja", **LEADER) == "Beendet. Das Ergebnis kommt gleich hier."
    quiet.at("2026-12-02 10:00:01")
    assert "zählt leider nicht mehr" in await quiet.says("!stimme 2")
    said = await quiet.clock_strikes("2026-12-02 10:00:01")
    assert "Ergebnis: 9 von 16 Stimmen\nVerstetigung 5 – Platz A (Mi 13.01.)\n" in said
    assert "Ergebnis (9 von 16): Verstetigung am Mi 13.01., Schwierige Situationen am" in said
    assert "Ergebnis" not in await quiet.clock_strikes("2026-12-11 12:00:01")


async def test_a_running_poll_is_extended(quiet):
    await quiet.clock_strikes("2026-11-30 09:00")
    quiet.at("2026-12-10 10:00")
    assert await quiet.says("!umfrage verlängern bis Mo 14.12. 12:00", **LEADER) == (
        "Abstimmung verlängern? Neuer Schluss: Mo 14.12., 12:00 Uhr, bisher morgen, Fr 11.12., "
        "12:00 Uhr\n"
        "ja oder nein"
    )
    assert await quiet.says("ja", **LEADER) == (
        "Die Abstimmung geht weiter bis Mo 14.12., 12:00 Uhr: Welches Thema soll in den "
        "Januar-Webinaren drankommen?\n"
        "Verlängert bis Mo 14.12., 12:00 Uhr."
    )
    assert "geschlossen" not in await quiet.clock_strikes("2026-12-11 12:00:01")
    assert (await quiet.says("3")).startswith("Stimme gezählt")
    assert "Die Abstimmung ist geschlossen." in await quiet.clock_strikes("2026-12-14 12:00:01")


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("", "Bis wann? Zum Beispiel: !umfrage verlaengern bis Mo 14.12. 10:00"),
        ("bis Mittwoch 25.12.", "Bis wann? Zum Beispiel: !umfrage verlaengern bis Mo 14.12. 10:00"),
        ("bis gestern 12:00", "gestern, Mi 09.12., 12:00 Uhr ist zu früh. {same}"),
        (
            "bis Fr 11.12. 10 Uhr",
            "Schluss ist ohnehin erst morgen, Fr 11.12., 12:00 Uhr. Gleich beenden: !umfrage ende",
        ),
    ],
)
async def test_an_extension_that_makes_no_sense(cohort, typed, answer):
    cohort.at("2026-12-10 10:00")
    said = await cohort.says(f"!umfrage verlaengern {typed}", **LEADER)
    assert said == answer.format(same="Es hat sich nichts geändert.")


async def test_too_few_votes_are_not_published_and_a_new_end_reopens_the_poll(quiet):
    await quiet.clock_strikes("2026-11-30 09:00")
    quiet.at("2026-12-02 10:00")
    for number in range(1, 7):
        await quiet.says("3", by=f"tn{number:02}")
    said = await quiet.clock_strikes("2026-12-11 12:00:01")
    assert "Nötig wären 8. Verlängern: !umfrage verlaengern bis Mo 14.12. 12:00\n" in said
    assert "Ergebnis (6 von 16)" not in said
    quiet.at("2026-12-11 12:30")
    preview = await quiet.says("!umfrage verlaengern bis Mo 14.12. 12:00", **LEADER)
    assert "Der Aufruf kommt noch einmal in den Raum Austausch." in preview
    assert await quiet.says("ja", **LEADER) == "Verlängert bis Mo 14.12., 12:00 Uhr."
    assert "Abstimmung verlängert: Welches Thema" in await quiet.clock_strikes("2026-12-11 12:30")
    for number in range(7, 9):
        await quiet.says("1", by=f"tn{number:02}")
    said = await quiet.clock_strikes("2026-12-14 12:00:01")
    assert "Ergebnis (8 von 16): Verstetigung am Mi 13.01., Schwierige Situationen am" in said


async def test_a_poll_that_is_called_off_counts_nothing(quiet):
    await quiet.clock_strikes("2026-11-30 09:00")
    await quiet.says("3")
    assert (await quiet.says("!umfrage abbrechen", **LEADER)).splitlines()[1] == (
        "Bisher haben 1 abgestimmt, ausgewertet wird dann nichts."
    )
    answer = await quiet.says("ja", **LEADER)
    assert answer == "Abgebrochen. Doch weiter: !umfrage verlaengern bis Mi 02.12. 09:00"
    assert await quiet.clock_strikes("2026-11-30 09:00:01") == (
        "Abgebrochen: Welches Thema soll in den Januar-Webinaren drankommen?\n"
        "Es wird nichts ausgewertet.\n"
        "Die Abstimmung ist abgebrochen."
    )
    assert await quiet.says("!stand") == "Die Abstimmung ist abgebrochen, ausgewertet wird nichts."
    assert await quiet.says("3") == "Diese Abstimmung wurde abgebrochen, es zählt keine Stimme."
    assert "Ergebnis" not in await quiet.clock_strikes("2026-12-11 12:00:01")


async def test_a_poll_called_off_before_its_time_never_opens(quiet):
    await agreed(quiet, "!umfrage abbrechen")
    assert "Abstimmung" not in await quiet.clock_strikes("2026-11-30 09:00")
    assert await quiet.says("!stand") == "Die Abstimmung ist abgebrochen, ausgewertet wird nichts."


async def test_an_unknown_poll(cohort):
    assert await cohort.says("!umfrage start wahl-9", **LEADER) == (
        "„wahl-9“ kenne ich nicht. Es gibt: wahl-1"
    )
    assert await cohort.says("!umfrage ende", **LEADER) == (
        "Die Abstimmung beginnt erst Mo 30.11., 09:00 Uhr."
    )
