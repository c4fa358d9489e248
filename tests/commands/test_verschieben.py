"""A day on which everything slips: meetings move, fall out and change places."""

import itertools
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import undefer

import bot
from storage import occurrences
from storage.models import Action, Change, Meeting, Occurrence, OutgoingMessage, Question
from storage.replies import INFO, ORGA, TALK

SAMPLE = Path(bot.__file__).with_name("sample_course.toml")
LEADER = {"by": "leitung-ihk", "place": ORGA}
MOVE = "!verschieben w4 Do 3.12."
PREVIEW = (
    "Webinar 4 verschieben?\n"
    "alt: Mi 02.12., 10:00 bis 11:30 Uhr\n"
    "neu: Do 03.12., 10:00 bis 11:30 Uhr\n"
    "Achtung: kein Mittwoch.\n"
    "Folgen: 3 Erinnerungen neu gesetzt, Ansage an 16 Personen, neue Kalenderdatei.\n"
    "ja, ja ohne Ansage, 14:00 – später, nein"
)
NOTICE = (
    "Terminänderung: Webinar 4 (Tools für die tägliche Arbeit)\n"
    "alt: Mi 02.12., 10:00 bis 11:30 Uhr\n"
    "neu: Do 03.12., 10:00 bis 11:30 Uhr\n"
    "Neue Kalenderdatei: !kalender"
)
DONE = "Verschoben: Webinar 4 ist jetzt am Do 03.12., 10:00 bis 11:30 Uhr.\n"


async def leads(chat, *texts):
    """What the last of these texts of an organiser is answered with."""
    answers = [await chat.says(text, **LEADER) for text in texts]
    return answers[-1]


async def meeting(chat, key="w4"):
    async with chat.sessions() as db:
        row = await db.scalar(select(Meeting).where(Meeting.key == key))
    return row and (f"{row.day:%d.%m.} {row.starts:%H:%M}-{row.ends:%H:%M}", row.sequence)


async def planned(chat, schedule, key="w4"):
    """When the clock will speak about a meeting, in the zone of the course."""
    async with chat.sessions() as db:
        rows = await db.scalars(select(Occurrence).filter_by(schedule=schedule, subject=key))
        dues = [row.due for row in rows if row.state == occurrences.PLANNED]
    return [f"{chat.course.local(due):%d.%m. %H:%M%z}" for due in dues]


async def test_a_yes_that_comes_too_late_is_told_so_once(cohort):
    late = (
        "Das kam zu spät: Eine Vorschau gilt 10 Minuten, nach einem abgelehnten Befehl nicht mehr."
        "\nEs hat sich nichts geändert. Bitte den Befehl noch einmal schreiben."
    )
    for answer in ("ja", "ja ohne Ansage", "14:00"):
        await leads(cohort, MOVE)
        cohort.now += timedelta(minutes=11)
        assert [await leads(cohort, answer), await leads(cohort, answer)] == [late, ""], answer
        assert await meeting(cohort) == ("02.12. 10:00-11:30", 0)
    await leads(cohort, MOVE)
    cohort.now += timedelta(minutes=90)
    assert await leads(cohort, "ja") == "", "after an hour it belongs to another conversation"


@pytest.mark.parametrize(
    "refused", ["!verschieben w4 20.11.", "!verschieben w99 3.12.", "!absagen"]
)
async def test_a_yes_after_a_refused_command_means_no_older_preview(cohort, refused):
    await leads(cohort, MOVE)
    assert await leads(cohort, refused) != ""
    assert (await leads(cohort, "ja")).startswith("Das kam zu spät")
    assert await meeting(cohort) == ("02.12. 10:00-11:30", 0)


async def test_a_look_at_something_else_keeps_the_preview(cohort):
    await leads(cohort, MOVE)
    assert "Webinar 4" in await leads(cohort, "!programm w4")
    await leads(cohort, "ja")
    assert await meeting(cohort) == ("03.12. 10:00-11:30", 1)


@pytest.mark.parametrize("name", ["Webinar 4", "webinar  4", "Termin 4", "w4"])
async def test_a_date_may_be_called_by_two_words(cohort, name):
    assert await leads(cohort, f"!verschieben {name} auf Donnerstag, 3.12.") == PREVIEW


async def test_a_move_is_previewed_said_and_written_down(cohort):
    assert await leads(cohort, MOVE) == PREVIEW
    assert await leads(cohort, "ja") == (f"{NOTICE}\n{DONE}Die Ansage steht im Raum Ankündigungen.")
    assert await meeting(cohort) == ("03.12. 10:00-11:30", 1)
    assert await planned(cohort, "vortag") == ["02.12. 14:00+0100"]
    assert (cohort.said[-2].room, cohort.said[-2].content["msgtype"]) == (
        cohort.room(INFO),
        "m.text",
    )
    assert "leitung-ihk: !verschieben w4 03.12.2026 10:00 bis 11:30" in await leads(
        cohort, "!protokoll"
    )
    assert await cohort.imports(SAMPLE.read_bytes()) == []
    assert (await meeting(cohort))[0] == "03.12. 10:00-11:30"


async def test_no_other_person_and_no_other_room_can_say_yes(cohort):
    await leads(cohort, MOVE)
    assert await cohort.says("ja", by="leitung-stiftung", place=ORGA) == ""
    assert await cohort.says("ja", by="leitung-ihk", place=TALK) == ""
    assert await leads(cohort, "nein") == "In Ordnung, es bleibt alles, wie es ist."
    await leads(cohort, MOVE)
    cohort.at("2026-11-24 15:11")
    assert (await leads(cohort, "ja")).startswith("Das kam zu spät")
    assert await meeting(cohort) == ("02.12. 10:00-11:30", 0)


async def test_without_a_notice_it_can_be_taken_back_in_silence(cohort):
    assert await leads(cohort, MOVE, "ja ohne Ansage") == (
        f"{DONE}Ohne Ansage. Zurücknehmen: !rueckgaengig"
    )
    assert await leads(cohort, "!rückgängig") == (
        "Letzte Änderung zurücknehmen?\n"
        "Webinar 4: wieder Mi 02.12., 10:00 bis 11:30 Uhr\n"
        "ja oder nein"
    )
    assert await leads(cohort, "ja") == (
        "Zurückgenommen, es ist alles wie vorher. Angesagt wird nichts."
    )
    assert await meeting(cohort) == ("02.12. 10:00-11:30", 2)
    assert await planned(cohort, "vortag") == ["01.12. 14:00+0100"]
    moved = SAMPLE.read_text().replace("datum = 2026-12-02", "datum = 2026-12-01")
    assert await cohort.imports(moved.encode()) == ["Webinar 4: Mi 02.12. → Di 01.12."]


async def test_what_went_out_cannot_be_taken_back(cohort):
    await leads(cohort, MOVE, "ja")
    assert (await leads(cohort, "!rueckgaengig")).startswith(
        "Das geht nicht mehr: alle wissen schon davon.\n"
    )
    await leads(cohort, "!verschieben w5 Do 10.12.", "16:00", "!rueckgaengig", "ja")
    assert await meeting(cohort, "w5") == ("09.12. 10:00-11:30", 2)
    await cohort.clock_strikes("2026-11-24 15:59")
    assert await cohort.clock_strikes("2026-11-24 16:00") == ""


async def test_the_notice_may_come_later(cohort):
    await cohort.clock_strikes("2026-11-24 15:00")
    assert await leads(cohort, MOVE, "16:00 – später") == (
        f"{DONE}Die Ansage kommt heute, Di 24.11., 16:00 Uhr. Bis dahin zurücknehmen: !rueckgaengig"
    )
    assert "!verschieben w4 03.12.2026 10:00 bis 11:30 (16:00)" in await leads(cohort, "!protokoll")
    assert await cohort.clock_strikes("2026-11-24 15:59") == ""
    assert await cohort.clock_strikes("2026-11-24 16:00") == NOTICE
    assert await cohort.clock_strikes("2026-11-24 16:01") == ""


async def test_who_was_reminded_hears_of_it_in_any_case(cohort):
    await cohort.clock_strikes("2026-12-01 14:00")
    said = await leads(cohort, MOVE)
    assert "Achtung: Eine Erinnerung ist schon raus, die Ansage gehört dazu.\n" in said
    assert said.endswith("\nja, 14:00 – Ansage später, nein")
    assert (await leads(cohort, "ja")).startswith(
        f"{NOTICE}\nFrühere Hinweise gelten nicht mehr.\n"
        f"* Veraltet. Dazu gibt es eine neue Ansage weiter unten.\n{DONE}"
    )
    edit = cohort.said[-2]
    assert (edit.room, edit.content["m.relates_to"]) == (
        cohort.room(INFO),
        {"rel_type": "m.replace", "event_id": "$sent1"},
    )
    assert "Morgen, Do 03.12., 10:00 bis 11:30 Uhr" in await cohort.clock_strikes(
        "2026-12-02 14:00"
    )


async def test_a_time_alone_and_an_end_change_the_units(cohort):
    assert (await leads(cohort, "!verschieben w4 14:00 bis 16:15")).splitlines()[2:4] == [
        "neu: Mi 02.12., 14:00 bis 16:15 Uhr",
        "Die Präsenzzeit steigt auf 45 UE, nötig wären dann 36 UE.",
    ]
    await leads(cohort, "ja")
    assert await meeting(cohort) == ("02.12. 14:00-16:15", 1)


async def test_a_task_for_that_day_goes_along(cohort):
    await leads(cohort, "!verschieben w3 Do 26.11. 11 Uhr", "ja")
    cohort.at("2026-11-25 12:00")
    assert "Bis morgen, Do 26.11., 10:00 Uhr: Eine eigene Kurzmeldung" in await cohort.says(
        "!aufgabe"
    )


NONSENSE = [
    ("w4 2.12.2025", "Di 02.12.2025 ist schon vorbei. Es hat sich nichts geändert."),
    ("w4 gestern", "Mo 23.11.2026 ist schon vorbei. Es hat sich nichts"),
    ("w4 irgendwann", "Das verstehe ich nicht, oder Tag und Datum passen nicht"),
    ("w4 Mi 3.12.", "Das verstehe ich nicht, oder Tag und Datum passen nicht"),
    ("w4 23:30", "Das verstehe ich nicht"),
    ("w4", "Da fehlt noch etwas. So geht es zum Beispiel: !verschieben w4 Do 3.12. 10:00"),
    ("w4 2.12. 10:00", "Webinar 4 ist schon am Mi 02.12., 10:00 bis 11:30 Uhr. Es bleibt"),
    ("w2 3.12.", "Webinar 2 hat schon stattgefunden, das bleibt so stehen."),
    ("w99 3.12.", "„w99“ passt zu keinem Termin."),
]


async def test_what_makes_no_sense_changes_nothing(cohort):
    for typed, said in NONSENSE:
        cohort.now += timedelta(minutes=1)
        assert (await leads(cohort, f"!verschieben {typed}")).startswith(said)
        assert await leads(cohort, "ja") == ""


async def test_warnings_are_no_refusals(cohort):
    said = await leads(cohort, "!verschieben w4 9.12. 11:00")
    assert "Achtung: Überschneidet sich mit: Webinar 5, Mi 09.12., 10:00 bis 11:30 Uhr." in said
    said = await leads(cohort, "!verschieben w4 25.12.")
    assert "Achtung: 1. Weihnachtstag: Feiertag überall." in said
    said = await leads(cohort, "!verschieben w10 17.02.2027")
    assert "Achtung: Liegt nach dem Ende des Kurses (Di 09.02.)." in said
    cohort.at("2026-11-24 20:00")
    assert "Achtung: Es ist Ruhezeit." in await leads(cohort, MOVE)


CLOCK_CHANGES = [
    ("31.03.2027 10:00", ["31.03. 09:45+0200"]),  # behind the change in March 10:00 stays 10:00
    ("28.03.2027 02:30", ["28.03. 01:45+0100"]),  # that hour is left out: 03:00
    ("31.10.2027 02:30", ["31.10. 02:15+0200"]),  # that hour comes twice: the first
    ("03.11.2027 10:00", ["03.11. 09:45+0100"]),
]


async def test_both_clock_changes(cohort):
    for typed, due in CLOCK_CHANGES:
        cohort.now += timedelta(minutes=1)
        await leads(cohort, f"!verschieben w10 {typed}", "ja")
        assert await planned(cohort, "gleich", "w10") == due


async def test_a_meeting_falls_out_and_comes_back(cohort):
    assert await leads(cohort, "!absagen w6", "ja") == (
        "Absage: Webinar 6 (Qualitätssicherung im Netzwerk)\n"
        "Das Webinar am 16.12. entfällt. Wir melden uns mit einem Ersatztermin.\n"
        "Abgesagt: Webinar 6 (Mi 16.12.).\n"
        "Die Ansage steht im Raum Ankündigungen."
    )
    assert await planned(cohort, "gleich", "w6") == []
    assert "36 von 44" not in await cohort.says("!anwesenheit")
    assert await leads(cohort, "!absagen w6") == (
        "Webinar 6 ist schon abgesagt. Ersatztermin: !verschieben w6 …"
    )
    said = await leads(cohort, "!verschieben w6 17.12.")
    assert said.startswith("Webinar 6 verschieben?\nalt: Mi 16.12., 10:00 bis 11:30 Uhr (abgesagt)")
    assert "Die Präsenzzeit steigt auf 44 UE, nötig wären dann 36 UE." in said
    await leads(cohort, "ja")
    assert await planned(cohort, "gleich", "w6") == ["17.12. 09:45+0100"]


async def test_words_of_ones_own_but_no_illness(cohort):
    said = await leads(cohort, "!absagen w6 Referent krank, **Ersatz** folgt @room")
    assert "Text für alle: „Referent krank, *Ersatz* folgt @room“" in said
    assert "Achtung: Krankheit gehört nicht in die Ansage, besser: verhindert." in said


async def test_to_participants_the_same_word_means_signing_off(cohort):
    assert (await cohort.says("!absagen")).startswith("Für Mi 25.11. abmelden?")
    assert (await cohort.says("!absagen w6", place=TALK)).startswith("Das kläre ich direkt")
    assert (await cohort.says("!absagen w6", place=ORGA)).startswith("Das kläre ich direkt")


async def test_two_meetings_change_places(cohort):
    assert await leads(cohort, "!tauschen w5 w6") == (
        "Zwei Termine tauschen?\n"
        "Webinar 5 (Angebotsentwicklung im Netzwerk): neu Mi 16.12., 10:00 bis 11:30 Uhr\n"
        "Webinar 6 (Qualitätssicherung im Netzwerk): neu Mi 09.12., 10:00 bis 11:30 Uhr\n"
        "Folgen: 10 Erinnerungen neu gesetzt, Ansage an 16 Personen, neue Kalenderdatei.\n"
        "ja, ja ohne Ansage, 14:00 – später, nein"
    )
    await leads(cohort, "ja")
    assert await meeting(cohort, "w5") == ("16.12. 10:00-11:30", 1)
    assert await meeting(cohort, "w6") == ("09.12. 10:00-11:30", 1)
    assert (await leads(cohort, "!tauschen w5 w5")).startswith("Das ist zweimal derselbe Termin.")


async def dies_at(chat, message, step):
    """Whether it went dark before the statement of that number; else nothing was committed yet."""
    async with chat.sessions.begin() as db:
        steps, engine = itertools.count(1), db.get_bind()

        def count(*_):
            if next(steps) == step:
                raise Dark

        event.listen(engine, "before_cursor_execute", count)
        try:
            await chat.router.handle(db, message)
        finally:
            event.remove(engine, "before_cursor_execute", count)
        raise Over


class Dark(Exception):
    """The bot was killed in the middle."""


class Over(Exception):
    """All was written, and then it was killed before the commit."""


async def everything(chat):
    """What belongs to a move: meeting, plan, notice on the wall, audit, what is to be said."""
    tables = (Meeting, Occurrence, Change, Action, OutgoingMessage, Question)
    async with chat.sessions() as db:
        queries = [select(table).options(undefer("*")) for table in tables]
        return [[repr(row) for row in await db.scalars(query)] for query in queries]


async def test_killed_at_any_step_nothing_or_everything_has_happened(cohort):
    """Every statement of the transaction is a step."""
    await leads(cohort, "!aushang", "ja")
    await cohort.clock_strikes("2026-11-24 15:00:05")
    await leads(cohort, MOVE)
    before, answer = await everything(cohort), cohort.message("ja", **LEADER)
    ends = []
    for step in range(1, 99):
        try:
            await dies_at(cohort, answer, step)
        except (Dark, Over) as end:
            ends.append(type(end))
        assert await everything(cohort) == before
        if ends[-1] is Over:
            break
    assert len(ends) > 15
    assert ends[-1] is Over
    assert (await cohort.hears(answer)).startswith(NOTICE)
    assert await meeting(cohort) == ("03.12. 10:00-11:30", 1)
    assert await planned(cohort, "vortag") == ["02.12. 14:00+0100"]
    assert "Do 03.12. – Tools" in await cohort.clock_strikes("2026-11-24 15:00:10")
    await cohort.says("!kalender")
    calendar = cohort.said[-1].file.decode()
    assert "DTSTART;TZID=Europe/Berlin:20261203T100000" in calendar
