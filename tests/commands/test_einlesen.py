"""Lists of participants and course files, uploaded to the organisers' room."""

import asyncio
import gc
import io
import re
import time
import tomllib
import zipfile
from dataclasses import replace
from datetime import datetime, timedelta

import openpyxl
import pytest
from sqlalchemy import select

from bot.files import LARGEST
from bot.incoming import Retraction
from commands import UserError, Wanted
from storage.course_files import course_reading
from storage.lists import participants, participants_reading
from storage.models import Action, Meeting, OutgoingMessage, Person, Upload
from storage.replies import ORGA
from tests.conftest import RULES, SAMPLE

LATER = {"expires": datetime.fromisoformat("2026-10-12T12:00:00Z")}
LEADER = {"by": "leitung-ihk", "place": ORGA}
TEXT = SAMPLE.read_text("utf-8")
NAMES = {n["id"]: n["kurz"] for n in tomllib.loads(TEXT)["netzwerk"]}
PEOPLE = tomllib.loads(TEXT)["person"]
NOBODY = re.sub(r"\[\[(?:person|anwesenheit\.abweichung)\]\]\n(?:[a-z]+ =.*\n)+", "", TEXT)
HEAD = ["Nr.", "Netzwerk", "Geburtsdatum", "Konto (Matrix-ID)", "Projektgruppe"]
PREVIEW = """\
Datei gelesen: 16 Zeilen, noch nichts gespeichert
14 in Ordnung
Zeile 11: Konto fehlt (Kammwald), später einladen?
Zeile 17: Konto fehlt (Granitland)
Neu: tn01, tn02, tn03, tn04 und 12 weitere
Doppelt: keine. Unbekannte Spalten ignoriert: Nr., Geburtsdatum
Übernehmen: ja oder nein"""


def rows(without=(10, 16)):
    for number, person in enumerate(PEOPLE, 1):
        account = "" if number in without else person["mxid"]
        network = NAMES[person["netzwerk"]]
        yield [str(number), network, "1.1.1980", account, str(person["gruppe"])]


def table(lines, delimiter=";", encoding="cp1252"):
    return "\r\n".join(delimiter.join(line) for line in lines).encode(encoding)


def excel(lines):
    book, file = openpyxl.Workbook(), io.BytesIO()
    for line in [["Teilnehmende Herbst 2026"], *lines]:
        book.active.append(line)
    book.active.merge_cells("A1:E1")
    book.save(file)
    return file.getvalue()


async def everybody(chat):
    async with chat.sessions() as db:
        people = await db.scalars(select(Person).order_by(Person.id))
        return [(p.network, p.mxid, p.group) for p in people]


@pytest.fixture
async def empty(chat):
    """The sample course before anybody takes part."""
    await chat.imports(NOBODY.encode())
    chat.at("2026-10-12 10:00")
    return chat


@pytest.mark.parametrize(
    "data",
    [
        table([HEAD, *rows()]),
        table([HEAD, *rows()], ",", "utf-8-sig"),
        table([HEAD, *rows()], "\t", "utf-16"),
        b"sep=;\r\n" + table([HEAD, *rows()], ";", "utf-8"),
        excel([HEAD, *rows()]),
    ],
    ids=["windows", "bom", "utf16", "sep", "excel"],
)
async def test_whatever_program_has_saved_it(empty, data):
    said = await empty.uploads("liste.csv", data)
    assert said == (
        "„liste.csv“ ist da, noch nichts gelesen.\n"
        "Einlesen: !import\nMit einem Termin abgleichen: !abgleich w3"
    )
    shift = 1 if data.startswith((b"sep", b"PK")) else 0
    preview = PREVIEW.replace("11:", f"{11 + shift}:").replace("17:", f"{17 + shift}:")
    assert await empty.says("!import", **LEADER) == preview
    assert await everybody(empty) == []
    assert await empty.says("ja", **LEADER) == (
        "Übernommen.\nNeu: 16\nWer was geändert hat: !protokoll"
    )
    assert await everybody(empty) == [
        (p["netzwerk"], p["mxid"] if n not in (9, 15) else None, p["gruppe"])
        for n, p in enumerate(PEOPLE)
    ]
    async with empty.sessions() as db:
        assert [a.line for a in await db.scalars(select(Action))] == ["!einlesen 1 liste.csv"]
        assert "1.1.1980" not in str([m.content for m in await db.scalars(select(OutgoingMessage))])


async def test_titles_blank_lines_and_mistyped_headers(empty):
    head = ["Lfd. Nr", "Netzwrk", "E-Mail", "Matrix ID", "Projekt-Gruppe*"]
    lines = [["Teilnehmende Herbst 2026"], [], head, [], *rows(), ["", "", "Stand: Oktober"]]
    await empty.uploads("liste.csv", table(lines))
    answer = await empty.says("!import", **LEADER)
    assert answer.splitlines()[:4] == [
        "Datei gelesen: 16 Zeilen, noch nichts gespeichert",
        "14 in Ordnung",
        "Zeile 14: Konto fehlt (Kammwald), später einladen?",
        "Zeile 20: Konto fehlt (Granitland)",
    ]
    assert "Unbekannte Spalten ignoriert: Lfd. Nr, E-Mail" in answer


async def test_every_mistake_is_named_with_its_row_and_nothing_is_saved(empty):
    lines = [HEAD, *rows()]
    lines[2][1] = "Heidewinkl"
    lines[3][3] = "tn03@example.org"
    lines[4][3] = lines[1][3]
    lines[5][4] = "grün"
    lines[6][4] = "77"
    lines.append(lines[7])
    await empty.uploads("liste.csv", table(lines))
    before = len(empty.said)
    answer = await empty.says("!import", **LEADER)
    assert "Datei gelesen: 17 Zeilen" in answer
    assert "Doppelt: Zeile 18." in answer
    assert "5 Zeilen mit Fehlern: bitte berichtigen, neu hochladen, dann !import" in answer
    assert len(answer.split("\npruefung.csv")[0]) <= 600
    attached = empty.said[before + 1].file.decode("utf-8-sig")
    assert attached.splitlines() == [
        "Zeile;Hinweis",
        "3;Netzwerk „Heidewinkl“ unbekannt, gemeint vielleicht: Heidewinkel",
        "4;„tn03@example.org“ ist kein Konto (Beispiel: @name:server.de)",
        "5;Konto wie in Zeile 2",
        "6;„grün“ ist keine Gruppe (Beispiel: 2)",
        "7;Gruppe 77 gibt es nicht",
        "11;Konto fehlt (Kammwald)",
        "17;Konto fehlt (Granitland)",
        "18;wie Zeile 8, zählt einmal",
    ]
    assert await empty.says("ja", **LEADER) == ""
    assert await everybody(empty) == []


async def test_a_difference_to_who_is_there(chat):
    """Somebody new, somebody with another account and group, somebody missing, an empty cell."""
    await chat.loads(now="2026-10-12 10:00")
    chat.at("2026-10-12 10:00")
    lines = [HEAD, *rows()]
    lines[2][3], lines[2][4] = "@neu:chat.example.org", "3"
    lines[5:6] = [["", "Wattkante", "", "@zweite:chat.example.org", ""]]
    await chat.uploads("liste.csv", table(lines))
    answer = await chat.says("!import", **LEADER)
    assert "\nNeu: tn17\nGeändert: tn02 Konto, Gruppe\nNicht in der Datei: tn05 – bleibt" in answer
    await chat.says("ja", **LEADER)
    assert await everybody(chat) == [
        ("heidewinkel", "@neu:chat.example.org", 3)
        if p["id"] == "tn02"
        else (p["netzwerk"], p["mxid"] or None, p["gruppe"])
        for p in PEOPLE
    ] + [("wattkante", "@zweite:chat.example.org", None)]
    assert (await chat.imports(SAMPLE.read_bytes(), now="2026-10-12 11:00")) == []
    assert len(await everybody(chat)) == 17


async def test_an_account_belongs_to_one_person(chat):
    await chat.loads()
    lines = [["Kennung", "Konto"], ["tn01", "@tn02:chat.example.org"]]
    await chat.uploads("liste.csv", table(lines))
    answer = await chat.says("!import", **LEADER)
    assert "Zeile 2: das Konto gehört schon zu tn02" in answer
    assert "Übernehmen" not in answer


@pytest.mark.parametrize("by", ["leitung-stiftung", "tn02"])
async def test_only_the_own_file_in_the_own_room_counts_and_only_for_a_while(empty, by):
    data = table([HEAD, *rows()])
    nothing = await empty.says("!import", **LEADER)
    assert nothing.startswith("Hier liegt keine neue Datei.")
    if by == "tn02":
        assert await empty.uploads("liste.csv", data, by=by) == ""
    await empty.uploads("liste.csv", data, by=by, room_id=empty.room(ORGA))
    await empty.uploads("liste.csv", data, place="austausch")
    assert await empty.says("!import", **LEADER) == nothing
    await empty.uploads("liste.csv", data)
    empty.at("2026-10-12 10:16")
    assert await empty.says("!import", **LEADER) == nothing


async def test_deleted_files_and_captions_do_nothing(empty):
    data = table([HEAD, *rows()])
    assert "gelesen, noch" not in await empty.uploads("!import ja.csv", data)
    event = f"$event{next(empty.ids) - 1}"
    leader = "@leitung-ihk:chat.example.org"
    room = empty.room(ORGA)
    await empty.hears(Retraction("$weg", room, leader, event, empty.now, empty.now, True))
    assert (await empty.says("!import", **LEADER)).startswith("Hier liegt keine neue Datei.")
    async with empty.sessions() as db:
        assert (await db.scalars(select(Upload))).all() == []


async def test_the_course_by_its_file(chat):
    await chat.loads()
    data = TEXT.replace("Organisationsform des", "Rechtsform des").encode()
    await chat.uploads("kurs.toml", data)
    answer = await chat.says("!import", **LEADER)
    assert answer.splitlines()[0] == "Kursdatei gelesen: Eine Änderung, noch nichts gespeichert"
    assert await topic(chat) == "Organisationsform des Netzwerks"
    assert (await chat.says("ja", **LEADER)).startswith("Übernommen: Eine Änderung\n– Webinar 1")
    assert await topic(chat) == "Rechtsform des Netzwerks"
    assert await chat.says("!import", **LEADER) == (
        "Die Kursdatei ändert nichts: Alles ist schon so eingetragen."
    )


async def topic(chat):
    async with chat.sessions() as db:
        return await db.scalar(select(Meeting.topic).where(Meeting.key == "w1"))


async def test_a_course_file_with_mistakes_or_of_another_course(chat):
    await chat.loads()
    for old, new, told in (
        ('id = "nk-2026-2"', 'id = "nk-2027-1"', "Das ist die Datei eines anderen Kurses"),
        ('"@leitung-ihk:', '"@fremd:', "Die Datei ändert, wer den Kurs leitet"),
    ):
        await chat.uploads("kurs.toml", TEXT.replace(old, new, 1).encode())
        answer = await chat.says("!import", **LEADER)
        assert answer.startswith(told)
        assert answer.endswith("s hat sich nichts geändert.")
        assert await chat.says("ja", **LEADER) == ""


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (TEXT.replace("2026-11-11", "2026-13-11"), "– Termin w1, datum: „2026-13-11“ ist kein"),
        ("[kurs", "– Zeile 1: die eckige Klammer ist nicht geschlossen"),
        ("a = " + "[" * 9_999, "– Die Datei ist tiefer als 8 Ebenen verschachtelt."),
        ("a." * 19_000 + "b = 1", "– Die Datei ist tiefer als 8 Ebenen verschachtelt."),
    ],
    ids=["date", "bracket", "deep", "keys"],
)
def test_the_mistakes_of_a_course_file(data, told):
    with pytest.raises(course_reading.Unreadable) as error:
        course_reading.read(data.encode(), RULES)
    lines = str(error.value).splitlines()
    assert lines[0].startswith("**Die Kursdatei hat")
    assert lines[1].startswith(told)
    assert len(str(error.value)) <= 600


def bomb():
    """An Excel file of a few kilobytes that would become 100 MB."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/workbook.xml", b"<a/>")
        package.writestr("xl/worksheets/sheet1.xml", b" " * 100_000_000)
    return file.getvalue()


def entities():
    """A billion laughs, where the list should be."""
    laughs = '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>'
    file = io.BytesIO()
    good = zipfile.ZipFile(io.BytesIO(excel([HEAD, *rows()])))
    with good, zipfile.ZipFile(file, "w") as package:
        for name in good.namelist():
            text = laughs if name.endswith("sheet1.xml") else good.read(name)
            package.writestr(name, text)
    return file.getvalue()


NO_LISTS = {
    "entities.xlsx": (entities(), "Das ist keine Tabelle"),
    "old.xls": (b"\xd0\xcf\x11\xe0" + b"x" * 999, "Das ist keine Tabelle"),
    "many.csv": (b"Netzwerk;Konto\n" + b"a;b\n" * 5_001, "Die Tabelle hat mehr als 5.000 Zeilen."),
    "other.csv": (b"Vorname;Nachname\nAnna;Schmidt\n", "Ich finde keine Kopfzeile"),
    "quote.csv": (b'Netzwerk;Konto\n"a;b\n' + b"x;y\n" * 99, "In der Datei ist ein Anführung"),
    "empty.csv": (b"", "Ich finde keine Kopfzeile"),
    "noise.csv": (bytes(range(256)) * 99, "Das ist keine Tabelle"),
}


@pytest.mark.parametrize("name", NO_LISTS)
def test_what_is_no_list_of_participants(name):
    data, told = NO_LISTS[name]
    with pytest.raises(participants_reading.Unreadable, match=re.escape(told)):
        participants_reading.read(data)


async def test_bombs_are_refused_and_formulas_are_text(empty):
    """Each in a process that may fail; the next file is read as if nothing had happened."""
    formulas = [HEAD, ["1", "=HYPERLINK(A1)", "", "+49:chat.example.org", "@SUM(1)"]]
    for name, data, told in (
        ("bomb.xlsx", bomb(), "Die Excel-Datei ist entpackt viel zu groß."),
        ("broken.xlsx", b"PK\x03\x04 no archive", "Die Datei ließ sich nicht lesen"),
        ("large.csv", b"x" * (LARGEST + 1), "Die Datei ist größer als 1 MB"),
        ("formulas.csv", table(formulas), "Datei gelesen: 1 Zeile, noch nichts gespeichert"),
    ):
        source = {"url": "mxc://x/1", "info": {}}  # which does not say how large it is
        empty.files["mxc://x/1"] = data
        await empty.uploads(name, data, source=source)
        answer = await empty.says("!import", **LEADER)
        assert answer.startswith(told)
        assert "Übernehmen" not in answer
        empty.now += timedelta(seconds=10)
    assert "Zeile 2: Netzwerk „=HYPERLINK(A1)“ unbekannt" in answer
    assert "Zeile 2: „+49:chat.example.org“ ist kein Konto" in answer
    assert await everybody(empty) == []


async def test_a_reading_process_that_never_ends_is_ended(empty):
    """What takes 5 s of the processor is killed by the system; here, by less patience."""
    upload = Upload(course_id=1, event_id="$", room_id="!", mxid="@", name="", source={}, **LATER)
    upload.source = {"info": {}, "url": "mxc://x/1"}
    empty.files["mxc://x/1"] = table([HEAD, *rows()])
    with pytest.raises(UserError, match="Die Datei ließ sich nicht lesen"):
        await replace(empty.intake.files, seconds=0.001).read(Wanted(upload, participants.KIND))


async def test_five_thousand_rows_hold_up_nobody(empty):
    """At most 2 s for all, and the loop is never blocked for longer than 100 ms."""
    some = list(NAMES.values())
    lines = [[str(n), some[n % 16], "", f"@p{n}:chat.example.org", "1"] for n in range(5_000)]
    await empty.uploads("liste.csv", table([HEAD, *lines]))
    lags, over = [0.0], asyncio.Event()

    async def beat():
        while not over.is_set():
            at = time.thread_time()  # the machine may be busy with other things
            await asyncio.sleep(0.002)
            lags.append(time.thread_time() - at)

    gc.collect()
    gc.freeze()  # as the service does
    heart, began = asyncio.create_task(beat()), time.process_time()
    assert "5000 in Ordnung" in await empty.says("!import", **LEADER)
    assert "Neu: 5000" in await empty.says("ja", **LEADER)
    spent = time.process_time() - began
    over.set()
    await heart
    gc.unfreeze()
    assert len(await everybody(empty)) == 5_000
    assert spent <= 2
    assert max(lags) <= 0.1
