"""What organisers take along: every list as Excel and CSV, and the folder for speakers."""

import csv
import io

import pytest
from openpyxl import load_workbook

from storage import audit
from storage.lists import spreadsheet
from storage.lists.spreadsheet import EXCEL
from storage.models import Feedback, Meeting, Quote, SpeakerQuestion, Tip
from storage.replies import ORGA

LEADER = {"by": "leitung-ihk", "place": ORGA}
HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " ＝1", "|calc", "a\x00\ud83d\nb", "0815"]


def sheet(data):
    """The cells of a workbook, and of which of them are formulas."""
    rows = [*load_workbook(io.BytesIO(data)).active.iter_rows()]
    formulas = [cell.value for row in rows for cell in row if cell.data_type == "f"]
    return [[cell.value for cell in row] for row in rows], formulas


def table(data):
    return [*csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";")]


async def exported(chat, what=""):
    """The answer, and the rows of both files; the Excel file first."""
    before = len(chat.said)
    await chat.says(f"!export {what}", **LEADER)
    answer, book, plain = chat.said[before:]
    assert {said.room for said in (answer, book, plain)} == {chat.room(ORGA)}
    assert book.content["info"]["mimetype"] == EXCEL
    names = [said.content["filename"].rsplit(".", 1) for said in (book, plain)]
    assert names[0][0] == names[1][0]
    assert [ending for _, ending in names] == ["xlsx", "csv"]
    rows, formulas = sheet(book.file)
    assert formulas == []
    assert [["" if c is None else str(c).replace(".", ",") for c in row] for row in rows] == [
        [cell.removeprefix("'").replace(".", ",") for cell in row] for row in table(plain.file)
    ]
    return answer.body, rows


@pytest.fixture
async def voices(cohort):
    """A course in its third week, after webinar 3, where people have said a lot."""
    here = {"course_id": cohort.course.id, "at": cohort.now}
    async with cohort.sessions.begin() as db:
        for number in range(1, 6):
            comment = f"=Satz {number}" if number % 2 else ""
            for key in ("w1", *(["w2"] if number < 5 else [])):
                row = {"person": f"tn{number:02}", "score": number, "comment": comment}
                db.add(Feedback(meeting=key, **row, **here))
        for named in (False, True):
            text = f"Wer zahlt das? {named}"
            row = SpeakerQuestion(meeting="w3", person="tn02", text=text, named=named, **here)
            db.add(row)
        row = {"person": "tn03", "text": "Vorher anrufen", "event_id": "$1"}
        db.add(Tip(agreed=True, **row, **here))
        db.add(Tip(**(row | {"text": "Noch nicht gefragt", "event_id": "$2"}), **here))
        for consent in ("name", "netzwerk", "anonym", "intern"):
            db.add(Quote(person="tn02", text=f"+Gut {consent}", consent=consent, **here))
    return cohort


async def test_what_looks_like_a_formula_is_a_text_in_excel():
    data = await spreadsheet.excel([["Kopf", "Zahl"], *([text, 1.5] for text in HOSTILE)])
    rows, formulas = sheet(data)
    assert formulas == []
    texts = ["=1+1", "+1", "-1", "@SUM(A1)", " =1", " ＝1", "|calc", "a    b", "0815"]
    assert [row[1] for row in rows[1:]] == [1.5] * len(HOSTILE)
    assert [row[0].replace("\ufffd", " ") for row in rows[1:]][:7] == texts[:7]
    assert rows[-1][0] == "0815"


async def test_the_chamber_gets_sums_quota_and_state_as_numbers(cohort):
    answer, rows = await exported(cohort, "ihk als Excel")
    assert answer.splitlines()[0] == "Teilnahme von 16 Personen (Excel und CSV hängen an)"
    head, first = rows[0], rows[1]
    told = dict(zip(head, first, strict=True))
    assert [told[n] for n in ("Kennung", "Summe UE", "von UE", "nötig UE")] == ["tn01", 20, 44, 36]
    assert (told["Quote in Prozent"], told["Stand"]) == (45.4, "noch möglich")


async def test_ratings_only_where_enough_have_answered_and_without_names(voices):
    answer, rows = await exported(voices, "rückmeldungen")
    assert answer == (
        "Rückmeldungen: 5 Zeilen (Excel und CSV hängen an)\n"
        "Ohne Namen und nur zu Webinaren, zu denen genug Rückmeldungen da sind."
    )
    about = ["w1", "Mi 11.11.2026", "Organisationsform des Netzwerks"]
    assert rows[1:] == [
        [*about, 5, 3, None],
        [*about, None, None, "=Satz 1"],
        [*about, None, None, "=Satz 3"],
        [*about, None, None, "=Satz 5"],
        ["w2", "Mi 18.11.2026", "Rollen der Netzwerkkoordination", "zu wenige", None, None],
    ]


async def test_questions_name_only_who_wanted_that(voices):
    _, rows = await exported(voices, "w3 fragen")
    assert [row[4:] for row in rows] == [
        ["Frage", "von", "auch gefragt"],
        ["Wer zahlt das? False", None, 0],
        ["Wer zahlt das? True", "Koordination Heidewinkel", 0],
    ]


async def test_tips_and_voices_as_far_as_people_agreed(voices):
    assert (await exported(voices, "tipps"))[1] == [
        ["Tipp", "von"],
        ["Vorher anrufen", "Hafenbogen"],
    ]
    assert (await exported(voices, "stimmen"))[1][1:] == [
        ["+Gut intern", "Koordination Heidewinkel", "nur für die Lehrgangsleitung"],
        ["+Gut anonym", None, "ohne Namen"],
        ["+Gut netzwerk", "Heidewinkel", "nur mit dem Netzwerk"],
        ["+Gut name", "Koordination Heidewinkel", "mit dem Namen"],
    ]


async def test_an_election_is_sums_and_only_when_it_is_over(cohort):
    await cohort.clock_strikes("2026-11-30 09:00")
    for person, number in (("tn01", 3), ("tn02", 3), ("tn04", 1)):
        await cohort.says(f"!stimme {number}", by=person)
    assert await cohort.says("!export wahl", **LEADER) == "Wahl: noch nichts da."
    await cohort.clock_strikes("2026-12-11 12:01")
    _, rows = await exported(cohort, "wahl")
    assert [row[2:] for row in rows[1:]] == [
        [1, "Umgang mit schwierigen Situationen im Netzwerk", 1, None, 3, 16],
        [2, "Organisationsentwicklung", 0, None, 3, 16],
        [3, "Verstetigung", 2, None, 3, 16],
        [4, "Social Media vertiefen", 0, None, 3, 16],
    ]
    assert "tn0" not in str(rows)


async def test_networks_without_what_is_hidden_and_each_export_is_in_the_log(cohort):
    await cohort.says("!steckbrief verbergen sucht")
    _, rows = await exported(cohort, "netzwerke als excel")
    await cohort.says("!mappe w3", **LEADER)
    found = {row[0]: row for row in rows}
    assert len(rows) == 17
    assert found["Heidewinkel"][6:8] == ["Betriebserkundungen, Azubi-Botschafter/innen", None]
    async with cohort.sessions() as db:
        lines = [action.line for action in await audit.every(db, cohort.course)]
    assert lines == ["!mappe w3", "!export netzwerke als excel"]


async def test_what_is_not_understood_says_what_there_is(cohort):
    async def says(text):
        cohort.at(f"2026-11-24 15:{len(cohort.said):02}")
        return await cohort.says(text, **LEADER)

    there = "teilnahme, wahl, rückmeldungen, fragen, tipps, stimmen, netzwerke"
    unclear = f"Was soll in die Datei? Es gibt: {there}. So: !export w3 fragen"
    for text in ("alles", "w3", "fragen tipps", "teilnahme w3", "../../etc"):
        assert await says(f"!export {text}") == unclear
    assert await says("!export w3 tipps") == "Das gibt es nur als Ganzes: !export tipps"
    assert await says("!export w77 fragen") == (
        "„w77“ ist kein einzelner Termin. So: !export w3 fragen"
    )
    assert await says("!export fragen") == "Fragen: noch nichts da."
    assert [said.file for said in cohort.said] == [None] * len(cohort.said)


# ------------------------------------------------------------------ the folder for speakers

FOLDER = """\
Webinar 3: Öffentlichkeitsarbeit: Tipps und Tricks
Mi 25.11.2026, 10:00 bis 11:30 Uhr
Zugang: https://video.example.org/nk2/w3 Kenncode 4711
Per Telefon: 0800 0000000, dann 4711#
Erwartet: 15 von 16 Personen (1 abgemeldet)
Fragen vorab:
– Wer zahlt das? False
– Wer zahlt das? True (Koordination Heidewinkel)
Mit allen Fragen und 16 Netzwerken zum Weitergeben: hängt als Datei an."""


async def test_speakers_get_the_way_in_the_number_questions_and_networks(voices):
    await voices.says("!abmelden", by="tn06")
    await voices.says("ja", by="tn06")
    await voices.says("!steckbrief verbergen sucht")
    before = len(voices.said)
    await voices.says("!mappe w3", **LEADER)
    answer, file = voices.said[before:]
    assert answer.body == FOLDER
    assert file.content["filename"] == "nk-2026-2-mappe-w3.txt"
    text = file.file.decode("utf-8-sig").replace("\r\n", "\n")
    assert text.startswith("\n".join(FOLDER.splitlines()[:5]))
    heide = "– Fachkräftenetzwerk Heidewinkel, Niedersachsen; bietet: Betriebserkundungen, "
    assert heide in text
    assert "Social Media Redaktionsplan" not in text
    assert "tn06" not in text + answer.body


async def test_what_is_missing_is_said_and_not_handed_on(cohort, change):
    await change(Meeting, "w4", link="", code="", phone="")
    answer = await cohort.says("!mappe w4", **LEADER)
    assert "Zugang: folgt\n" in answer
    assert "Fragen vorab: noch keine\n" in answer
    assert "Der Link fehlt noch: !neuerlink w4 https://…" in answer
    cohort.at("2027-03-01 10:00")
    assert (await cohort.says("!mappe", **LEADER)).startswith("Es kommt kein Termin mehr.")


async def test_long_questions_fit_a_phone_and_stand_in_the_file_as_they_are(cohort):
    here = {"course_id": cohort.course.id, "at": cohort.now, "meeting": "w3", "person": "tn02"}
    async with cohort.sessions.begin() as db:
        for number in range(9):
            db.add(SpeakerQuestion(text=f"{number} " + "Warum? " * 40, **here))
    answer = (await cohort.says("!mappe w3", **LEADER)).removesuffix("\nnk-2026-2-mappe-w3.txt")
    assert len(answer) <= 600
    assert "– und 6 weitere" in answer
    assert cohort.said[-1].file.decode("utf-8-sig").count("Warum? " * 39) == 9


async def test_organisers_are_offered_it_two_days_before(cohort, change):
    await change(Meeting, "w4", link="")
    await cohort.clock_strikes("2026-11-23 09:30")
    assert await cohort.clock_strikes("2026-11-23 10:00") == (
        "Mappe für Webinar 3 (Öffentlichkeitsarbeit), Mi 25.11., 10:00 Uhr\n"
        "Leitung: Referent/in Öffentlichkeitsarbeit. Link ist gesetzt.\n"
        "Erwartet: 16 von 16. Fragen: 0\n"
        "Zum Weitergeben: !mappe w3"
    )
    assert cohort.place_of(cohort.said[-1]) == ORGA
    await cohort.clock_strikes("2026-11-30 09:30")
    told = await cohort.clock_strikes("2026-11-30 10:00")
    assert "Link fehlt: !neuerlink w4 …" in told


async def test_organisers_of_another_course_and_people_get_nothing(cohort):
    for text in ("!export fragen", "!mappe w3"):
        for by, place in (("tn01", ORGA), ("leitung-ihk", "direct"), ("@x:y", ORGA)):
            cohort.at(f"2026-11-24 15:{len(cohort.said):02}")
            assert "hängt" not in await cohort.says(text, by=by, place=place)
    assert [said.file for said in cohort.said] == [None] * len(cohort.said)
