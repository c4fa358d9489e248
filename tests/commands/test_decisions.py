"""From a tie to the programme: a slot, a runoff or the lot, and back again."""

import random
import tomllib
from pathlib import Path

import pytest
from sqlalchemy import select

import bot
from storage import polls
from storage.models import Meeting, Poll
from storage.replies import ORGA

SAMPLE = Path(bot.__file__).with_name("sample_course.toml")
LEADER = {"by": "leitung-ihk", "place": ORGA}
TIE = (
    "Ergebnis: 14 von 16 Stimmen\n"
    "Verstetigung 5 – Platz A (Mi 13.01.)\n"
    "Schwierige Situationen 4, Social Media 4 – Gleichstand um Platz B (Mi 20.01.)\n"
    "Organisationsentwicklung 1\n"
    "Entscheiden: !platz B konflikt, !platz B socialmedia oder !stichwahl\n"
    "Veröffentlicht wird erst danach."
)
CLOSED = "Die Abstimmung ist geschlossen. Danke fürs Mitmachen! Das Ergebnis"
PUBLISHED = (
    "Ergebnis (14 von 16): Verstetigung am Mi 13.01., Schwierige Situationen am Mi 20.01.\n"
    "Es leiten: Referent/in Finanzierung und Verstetigung (Mi 13.01.), "
    "Referent/in Moderation und Konflikt (Mi 20.01.)\n"
    "Danke fürs Mitmachen. Alle Termine: !programm alle"
)
OPEN = ("Wahlthema A", "Wahlthema B")
WON = ("Verstetigung", "Umgang mit schwierigen Situationen im Netzwerk")


async def meetings_of(chat):
    """The topics of the slots, and how often calendars have changed."""
    query = select(Meeting).where(Meeting.key.in_(["w7", "w8"])).order_by(Meeting.key)
    async with chat.sessions() as db:
        rows = list(await db.scalars(query))
    return tuple(m.topic for m in rows), [m.speakers for m in rows], [m.sequence for m in rows]


async def agreed(chat, text):
    assert (await chat.says(text, **LEADER)).endswith("\nja oder nein"), text
    return await chat.says("ja", **LEADER)


@pytest.fixture
async def tied(cohort):
    """The sample election one second before its end, with its votes."""
    await cohort.clock_strikes("2026-11-30 09:00")
    cohort.at("2026-12-01 09:00")
    for person, number in tomllib.loads(SAMPLE.read_text())["wahl"]["beispielstimmen"].items():
        await cohort.says(f"!stimme {number}", by=person)
    await cohort.clock_strikes("2026-12-11 12:00")
    return cohort


B_WON = ", Platz B (Mi 20.01.)"
PICTURE = (
    "Bild zum Ergebnis. 3 – Verstetigung: 5, Platz A (Mi 13.01.); "
    "1 – Schwierige Situationen: 4{konflikt}; 4 – Social Media: 4{social}; "
    "2 – Organisationsentwicklung: 1. 14 von 16 haben abgestimmt."
)


@pytest.fixture
async def closed(tied):
    await tied.clock_strikes("2026-12-11 12:00:01")
    tied.at("2026-12-11 12:30")
    return tied


async def test_a_tie_goes_to_the_organisers_alone(tied):
    assert await tied.clock_strikes("2026-12-11 12:00:01") == (
        f"{TIE}\n{CLOSED} kommt von der Lehrgangsleitung."
    )
    assert await meetings_of(tied) == (OPEN, [[], []], [0, 0])


async def test_a_slot_is_given_away_and_everything_follows(closed):
    assert await closed.says("!platz B konflikt", **LEADER) == (
        "Platz B (Mi 20.01.) für Schwierige Situationen (4 Stimmen)?\n"
        "Veröffentlicht wird dann: Verstetigung am Mi 13.01., Schwierige Situationen am "
        "Mi 20.01.\n"
        "ja oder nein"
    )
    assert await meetings_of(closed) == (OPEN, [[], []], [0, 0])
    assert await closed.says("ja", **LEADER) == (
        f"{PUBLISHED}\n"
        f"{PICTURE.format(konflikt=B_WON, social='')}\n"
        "Veröffentlicht: Verstetigung am Mi 13.01., Schwierige Situationen am Mi 20.01.\n"
        "Zurücknehmen: !rueckgaengig"
    )
    assert [closed.place_of(said) for said in closed.said[-2:]] == ["ankuendigungen", "orga"]
    speakers = [["ref-verstetigung"], ["ref-konflikt"]]
    assert await meetings_of(closed) == (WON, speakers, [1, 1])
    assert await closed.says("!programm 8") == (
        "Webinar 8: Umgang mit schwierigen Situationen im Netzwerk\n"
        "Mi 20.01., 10:00 bis 11:30 Uhr (2 UE)\n"
        "Mit: Referent/in Moderation und Konflikt\n"
        "Material folgt nach dem Webinar."
    )
    assert (await closed.says("!themen")).splitlines()[-2:] == [
        "Entschieden: Verstetigung (Mi 13.01.), Umgang mit schwierigen Situationen im Netzwe… "
        "(Mi 20.01.)",
        "Weitere Wünsche: Social Media, Organisationsentwicklung",
    ]
    assert await closed.says("!stand") == (
        "Die Abstimmung ist entschieden: Verstetigung am Mi 13.01., Schwierige Situationen am "
        "Mi 20.01.\n"
        "Mehr: !themen"
    )
    again = "Das Ergebnis ist schon veröffentlicht. Zurücknehmen: !rueckgaengig"
    for text in ("!platz B socialmedia", "!stichwahl"):
        assert await closed.says(text, **LEADER) == again
    reminder = await closed.clock_strikes("2027-01-12 14:00")
    assert "Morgen, Mi 13.01., 10:00 bis 11:30 Uhr: Verstetigung\n" in reminder


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("C konflikt", "Plätze sind A, B, nicht „C“."),
        (
            "B pizza",
            "„pizza“ ist nicht eindeutig. Themen: konflikt, orgaentwicklung, verstetigung, "
            "socialmedia",
        ),
        ("B", "Da fehlt noch etwas. So geht es zum Beispiel: !platz B konflikt\n"),
    ],
)
async def test_a_slot_or_topic_that_there_is_not(closed, typed, answer):
    assert (await closed.says(f"!platz {typed}", **LEADER)).startswith(answer)


async def test_nothing_is_decided_while_people_vote(cohort):
    assert await cohort.says("!platz B konflikt", **LEADER) == (
        "Es ist noch nicht abgestimmt. Beginnen: !umfrage start"
    )
    await cohort.clock_strikes("2026-11-30 09:00")
    for text in ("!platz B konflikt", "!stichwahl"):
        assert await cohort.says(text, **LEADER) == (
            "Die Abstimmung läuft noch bis Fr 11.12., 12:00 Uhr. Gleich beenden: !umfrage ende"
        )
    assert await cohort.says("!rueckgaengig", **LEADER) == (
        "Es ist nichts entschieden, also auch nichts zurückzunehmen."
    )


async def test_the_organisers_may_decide_otherwise_slot_by_slot(closed, change):
    await change(Poll, minimum=16)
    said = await closed.says("!platz a socialmedia", **LEADER)
    assert said.startswith("Platz A (Mi 13.01.) für Social Media (4 Stimmen)?\n")
    assert "Social Media am Mi 13.01., Verstetigung am Mi 20.01." in said
    await closed.says("nein", **LEADER)
    assert await meetings_of(closed) == (OPEN, [[], []], [0, 0])


async def test_a_tie_for_both_slots_needs_one_decision(cohort):
    await cohort.clock_strikes("2026-11-30 09:00")
    for number in range(1, 11):
        await cohort.says("3" if number < 6 else "1", by=f"tn{number:02}")
    said = await cohort.clock_strikes("2026-12-11 12:00:01")
    assert "Gleichstand um Platz A (Mi 13.01.) und Platz B (Mi 20.01.)" in said
    assert "Verstetigung am Mi 13.01., Schwierige Situationen am Mi 20.01." in await agreed(
        cohort, "!platz A verstetigung"
    )


async def test_three_for_two_slots_need_two_decisions(cohort):
    await cohort.clock_strikes("2026-11-30 09:00")
    for number in range(1, 10):
        await cohort.says(str(number % 3 + 1), by=f"tn{number:02}")
    await cohort.clock_strikes("2026-12-11 12:00:01")
    assert await agreed(cohort, "!platz A 2") == "Vermerkt. Danach noch offen: Platz B (Mi 20.01.)"
    assert (await meetings_of(cohort))[0] == OPEN
    assert (await agreed(cohort, "!platz B 1")).endswith("Zurücknehmen: !rueckgaengig")
    assert (await meetings_of(cohort))[0] == (
        "Organisationsentwicklung",
        "Umgang mit schwierigen Situationen im Netzwerk",
    )


async def test_a_decision_is_taken_back_until_the_first_reminder(closed):
    await agreed(closed, "!platz B konflikt")
    assert await closed.says("!rückgängig", **LEADER) == (
        "Entscheidung zurücknehmen? Verstetigung am Mi 13.01., Schwierige Situationen am "
        "Mi 20.01.\n"
        "Alle bekommen eine Korrektur im Raum Ankündigungen.\n"
        "ja oder nein"
    )
    assert await closed.says("ja", **LEADER) == (
        "Korrektur: Das Ergebnis der Abstimmung gilt noch nicht. Wieder offen: Platz A "
        "(Mi 13.01.) und Platz B (Mi 20.01.). Die Lehrgangsleitung meldet sich.\n"
        f"Zurückgenommen.\n{TIE}"
    )
    assert await meetings_of(closed) == (OPEN, [[], []], [2, 2])
    assert "Wünsche" not in await closed.says("!themen")
    await agreed(closed, "!platz B socialmedia")
    assert (await meetings_of(closed))[0] == ("Verstetigung", "Social Media vertiefen")
    await closed.clock_strikes("2027-01-11 09:00")
    assert await closed.says("!rueckgaengig", **LEADER) == (
        "Das geht nicht mehr: Zu einem dieser Termine ging schon eine Erinnerung raus.\n"
        "Ändern geht noch in der Kursdatei."
    )


async def test_a_runoff_is_between_the_tied_topics_only(closed):
    assert await closed.says("!stichwahl", **LEADER) == (
        "Stichwahl um Platz B (Mi 20.01.)? Raum Austausch, 1 Stimme\n"
        "Schwierige Situationen gegen Social Media\n"
        "Schluss: Mo 14.12., 13:00 Uhr (48 Stunden, nur an Werktagen)\n"
        "ja oder nein"
    )
    assert await closed.says("ja", **LEADER) == (
        "Gestartet: gleich steht die Stichwahl im Raum Austausch, bis Mo 14.12., 13:00 Uhr."
    )
    opened = await closed.clock_strikes("2026-12-11 12:30:01")
    assert opened.startswith(
        "Stichwahl: Welches Thema soll in den Januar-Webinaren drankommen?\n"
        "1 – Schwierige Situationen\n"
        "4 – Social Media\n"
        "Die meisten Stimmen entscheiden, was am Mi 20.01. drankommt.\n"
        "Schluss: Mo 14.12., 13:00 Uhr. Die letzte Stimme zählt.\n"
    )
    assert await closed.says("2") == (
        "Zur Wahl stehen 1 oder 4. Es hat sich nichts geändert. Mehr: !themen"
    )
    assert (await closed.says("4")).startswith("Stimme gezählt: 4 – Social Media.")
    assert await closed.says("!stimme zurück") == (
        "Gut, das zählt als Enthaltung. Abstimmen geht weiter bis Mo 14.12., 13:00 Uhr: !themen"
    )
    assert (await closed.says("!themen")).splitlines()[:3] == [
        "Zwei Wahlthemen, ein Platz (20.01.)",
        "1 – Schwierige Situationen",
        "4 – Social Media vertiefen",
    ]
    for text in ("!platz B konflikt", "!stichwahl"):
        assert (await closed.says(text, **LEADER)).startswith("Die Stichwahl läuft noch bis Mo")
    await closed.says("!stimme social", by="tn03")
    await closed.clock_strikes("2026-12-14 12:59")
    said = await closed.clock_strikes("2026-12-14 13:00:01")
    published = PUBLISHED.replace("Schwierige Situationen am", "Social Media am")
    published = published.replace("Moderation und Konflikt", "Social Media")
    assert said == (
        "Stichwahl: 1 von 16 Stimmen\n"
        "Social Media 1 – Platz B (Mi 20.01.)\n"
        "Schwierige Situationen 0\n"
        "Entschieden: Verstetigung am Mi 13.01., Social Media am Mi 20.01.\n"
        "Veröffentlicht und im Programm. Zurücknehmen: !rueckgaengig\n"
        f"{published}\n"
        f"{PICTURE.format(konflikt='', social=B_WON)}\n"
        f"{CLOSED} steht im Raum Ankündigungen."
    )
    assert (await meetings_of(closed))[0] == ("Verstetigung", "Social Media vertiefen")


async def test_a_second_tie_goes_to_the_organisers(closed, change):
    await agreed(closed, "!stichwahl bis Mo 12:00")
    await closed.clock_strikes("2026-12-14 11:59")
    said = await closed.clock_strikes("2026-12-14 12:00:01")
    assert said.startswith(
        "Stichwahl: 0 von 16 Stimmen\n"
        "Schwierige Situationen 0, Social Media 0 – Gleichstand um Platz B (Mi 20.01.)\n"
        "Entscheiden: !platz B konflikt, !platz B socialmedia oder !stichwahl\n"
    )
    await agreed(closed, "!platz B konflikt")
    assert (await meetings_of(closed))[0] == WON


async def test_a_course_may_want_the_runoff_at_once(tied, change):
    await change(Poll, tie="stichwahl")
    said = await tied.clock_strikes("2026-12-11 12:00:01")
    assert "Die Stichwahl beginnt jetzt im Raum Austausch, Schluss: Mo 14.12., 12:00 Uhr." in said
    assert (await tied.clock_strikes("2026-12-11 12:00:02")).startswith("Stichwahl: Welches Thema")


async def test_a_course_may_want_the_lot_and_everybody_can_repeat_it(tied, change):
    await change(Poll, tie="los")
    said = await tied.clock_strikes("2026-12-11 12:00:01")
    assert (
        "Organisationsentwicklung 1\n"
        "Los um Platz B (Mi 20.01.), Startwert „wahl-1 2026-12-11T11:00:00Z“.\n"
        "Entschieden: Verstetigung am Mi 13.01., Schwierige Situationen am Mi 20.01.\n"
    ) in said
    lots = random.Random("wahl-1 2026-12-11T11:00:00Z")
    assert min(("konflikt", "socialmedia"), key=lambda _: lots.random()) == "konflikt"
    assert (await meetings_of(tied))[0] == WON


async def test_a_file_imported_again_does_not_empty_a_filled_slot(closed):
    await agreed(closed, "!platz B konflikt")
    assert await closed.imports(SAMPLE.read_bytes(), "2026-12-12 10:00") == []
    assert (await meetings_of(closed))[0] == WON
    moved = SAMPLE.read_text().replace("datum = 2027-01-20", "datum = 2027-01-21")
    assert await closed.imports(moved.encode(), "2026-12-12 10:00") == [
        "Webinar 8: Mi 20.01. → Do 21.01."
    ]
    assert (await meetings_of(closed))[0] == WON
    other = moved.replace('thema = "Wahlthema B"', 'thema = "Etwas anderes"')
    assert await closed.imports(other.encode(), "2026-12-12 10:00") == [
        "Webinar 8, Thema: Umgang mit schwierigen Situationen im Netzwerk → Etwas anderes",
        "Webinar 8, Referent/innen: − ref-konflikt",
    ]
    assert (await meetings_of(closed))[0] == ("Verstetigung", "Etwas anderes")


async def test_a_file_imported_again_does_not_shorten_an_extended_poll(cohort):
    await cohort.clock_strikes("2026-11-30 09:00")
    await agreed(cohort, "!umfrage verlaengern bis Mo 14.12. 12:00")
    assert await cohort.imports(SAMPLE.read_bytes(), "2026-12-02 10:00") == []
    async with cohort.sessions() as db:
        poll = await polls.election(db, cohort.course)
    assert f"{poll.closes:%d.%m. %H:%M}" == "14.12. 11:00"


async def test_a_vote_in_the_wrong_room_does_not_count(tied):
    tied.at("2026-12-01 10:00")
    assert await tied.says("!stimme 3", place="ankuendigungen") == (
        "Hier zählt keine Stimme: bitte im Raum Austausch oder mir direkt."
    )
