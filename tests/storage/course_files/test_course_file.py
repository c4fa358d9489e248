"""Every mistake in a course file is named at once, in German, with where it is."""

import re
import time
import tomllib
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bot
import schedules
from storage.course_files import course_file, course_rows
from storage.course_files.course_file import Faulty
from storage.course_files.course_notes import notes
from storage.models import Poll

SAMPLE = Path(bot.__file__).with_name("sample_course.toml").read_text()
RULES = [*schedules.discover(), "material"]


def read(text):
    return course_file.read(text.encode(), RULES)


def problems(data):
    with pytest.raises(Faulty) as caught:
        course_file.read(data if isinstance(data, bytes) else data.encode(), RULES)
    return caught.value.problems


def found(text):
    """The mistakes of a text, perhaps none."""
    try:
        read(text)
    except Faulty as error:
        return error.problems
    return []


def changed(old, new, text=SAMPLE, after=""):
    """The text with one place changed: the first `old` after a landmark."""
    start = text.index(after)
    at = text.index(old, start)
    return text[:at] + new + text[at + len(old) :]


def test_the_sample_has_no_mistakes():
    file = read(SAMPLE)
    assert len(file.termin) == 14
    assert file.regel[0].wochentag == 0
    assert notes(file, {}) == [
        "Noch ohne Konto: tn16 (Koordination Granitland)",
        "Webinar 2 (Mi 18.11.): Buß- und Bettag, Feiertag in SN (Erzwinkel)",
        "Thema noch offen: Webinar 7 (Mi 13.01., Platz A), Webinar 8 (Mi 20.01., Platz B)",
    ]


def test_a_small_course_needs_little():
    file = read("""
        [kurs]
        id = "klein"
        titel = "Klein"
        beginn = 2026-11-02
        ende = 2026-11-02
        [raeume]
        ankuendigungen = "!3fIjAGKbgSlNDcLDE-4c41y4uoSqCyJ4Xn6W8R5Oc1k"
        austausch = "!alt:chat.example.org:8448"
        orga = "#orga:localhost"
        [admin]
        mxids = ["@a:localhost"]
        [[termin]]
        id = "a1"
        art = "auftakt"
        datum = 2026-11-02
        beginn = 9:00
        ende = 10:30
        ue = 2
        thema = "Los"
    """)
    assert file.kurs.zeitzone == "Europe/Berlin"
    assert f"{file.termin[0].beginn:%H:%M}" == "09:00"
    assert notes(file, {}) == []


W4 = 'id = "w4"'
HAFEN = 'id = "hafenbogen"'
WAHL = "[wahl]\n"
MISTAKES = [
    # single values
    ("2026-12-02", "2026-13-02", W4, "Termin w4, datum: „2026-13-02“ ist kein Datum"),
    ("2026-12-02", '"2026-13-02"', W4, "Termin w4, datum: „2026-13-02“ ist kein Datum"),
    (
        "2026-12-02",
        "02.12.2026",
        W4,
        "Termin w4, datum: „02.12.2026“ ist kein Datum (Beispiel: 2026-12-02)",
    ),
    (
        "2026-12-02",
        '"2026-12-02"',
        W4,
        "Termin w4, datum: „2026-12-02“ ist kein Datum (ohne Anführungszeichen schreiben)",
    ),
    (
        "2026-12-02",
        "2026-12-02T10:00:00",
        W4,
        "Termin w4, datum: „2026-12-02T10:00:00“ ist kein Datum (Beispiel: 2026-12-02)",
    ),
    (
        "2026-12-02",
        "1926-12-02",
        W4,
        "Termin w4, datum: „1926-12-02“ liegt nicht zwischen 2000 und 2100",
    ),
    ("10:00:00", "25:00:00", W4, "Termin w4, beginn: „25:00:00“ ist keine Uhrzeit"),
    ("10:00:00", "24:00", W4, "Termin w4, beginn: „24:00“ ist keine Uhrzeit (Beispiel: 10:00:00)"),
    (
        "2026-12-11T12:00:00",
        "2026-12-11",
        WAHL,
        "[wahl], schluss: „2026-12-11“ ist kein Zeitpunkt (Beispiel: 2026-12-11T12:00:00)",
    ),
    (
        "2026-12-11T12:00:00",
        "2026-12-11T12:00:00Z",
        WAHL,
        "[wahl], schluss: „2026-12-11T12:00:00+00:00“ nennt eine Zeitverschiebung, "
        "Zeiten sind hier immer Ortszeit",
    ),
    ('"HB"', '"XX"', HAFEN, "[[netzwerk]] Nr. 3 (hafenbogen), land: „XX“ ist kein Bundesland"),
    (
        'status = "etabliert"',
        'status = "alt"',
        HAFEN,
        "[[netzwerk]] Nr. 3 (hafenbogen), status: „alt“ ist unbekannt, möglich: etabliert, aufbau",
    ),
    (
        "schulen = 26",
        "schulen = -1",
        HAFEN,
        "[[netzwerk]] Nr. 3 (hafenbogen), partner.schulen: „-1“ ist kleiner als 0",
    ),
    (
        '"Schülerlabor"',
        "7",
        HAFEN,
        "[[netzwerk]] Nr. 3 (hafenbogen), bietet Nr. 1: „7“ ist kein Text",
    ),
    ("ue = 2", "ue = 2.5", W4, "Termin w4, ue: „2.5“ ist keine ganze Zahl"),
    ("ue = 2", "ue = -2", W4, "Termin w4, ue: „-2“ ist kleiner als 0"),
    ("ue = 2", "ue = 20", W4, "Termin w4, ue: „20“ ist größer als 16"),
    ("pflicht = true", 'pflicht = "ja"', W4, "Termin w4, pflicht: „ja“ ist weder true noch false"),
    ("material = []", 'material = "x"', W4, "Termin w4, material: „x“ ist keine Liste"),
    ("material = []", "material = [{}]", W4, "Termin w4, material Nr. 1, titel: fehlt"),
    ('"Tools für', '"\\u0007Tools für', W4, "Termin w4, thema: enthält Steuerzeichen"),
    ('"Tools für die tägliche Arbeit"', '" "', W4, "Termin w4, thema: ist leer"),
    (
        "https://video",
        "javascript:video",
        W4,
        "Termin w4, zugang.adresse: „javascript:video.example.org/nk2/w4“ ist keine Adresse "
        "(Beispiel: https://server.de/raum)",
    ),
    (
        'kenncode = "4711"',
        "kenncode = 4711",
        W4,
        "Termin w4, zugang.kenncode: „4711“ ist kein Text",
    ),
    (
        '"Europe/Berlin"',
        '"Europa/Berlin"',
        "[kurs]",
        "[kurs], zeitzone: „Europa/Berlin“ ist keine Zeitzone (Beispiel: Europe/Berlin)",
    ),
    (
        '"nk-2026-2"',
        '"nk 2026/2"',
        "[kurs]",
        "[kurs], id: „nk 2026/2“ ist keine id (nur a-z, 0-9, Punkt, - und _)",
    ),
    (
        'form = "neutral"',
        'form = "siezen"',
        "[anrede]",
        "[anrede], form: „siezen“ ist unbekannt, möglich: neutral, sie, ihr, du",
    ),
    (
        '"@tn03:chat.example.org"',
        '"tn03"',
        "[[person]]",
        "[[person]] Nr. 3 (tn03), mxid: „tn03“ ist keine Kennung (Beispiel: @name:server.de)",
    ),
    (
        '["@leitung-ihk:chat.example.org", "@leitung-stiftung:chat.example.org"]',
        "[]",
        "[admin]",
        "[admin], mxids: braucht mindestens einen Eintrag",
    ),
    (
        '"#nk-2026-2-orga:chat.example.org"',
        '"orga"',
        "[raeume]",
        "[raeume], orga: „orga“ ist kein Raum (Beispiel: #raum:server.de oder !id)",
    ),
    ('"mo"', '"mon"', "[[regel]]", "[[regel]] Nr. 1 (impuls), wochentag: „mon“ ist kein Wochentag"),
    ("schema = 1", "schema = 2", "", "schema: „2“ ist unbekannt, möglich: 1"),
    # keys
    ("thema =", "tehma =", W4, "Termin w4, tehma: unbekannt, gemeint vielleicht: thema"),
    ("[ruhezeiten]", "[ruhezeit]", "", "[ruhezeit]: unbekannt, gemeint vielleicht: ruhezeiten"),
    ("durchgang = 2", "durchgang = 2\nxyzxyz = 1", "[kurs]", "[kurs], xyzxyz: unbekannt"),
    ("nummer = 4\n", "", W4, "Termin w4, nummer: fehlt"),
    # names
    (
        '"ref-tools"',
        '"ref-tool"',
        W4,
        "Termin w4, referenten: „ref-tool“ gibt es nicht, gemeint vielleicht: ref-tools",
    ),
    (
        'netzwerk = "hafenbogen"',
        'netzwerk = "nirgends"',
        "[[person]]",
        "[[person]] Nr. 3 (tn03), netzwerk: „nirgends“ gibt es nicht",
    ),
    (
        "gruppe = 3",
        "gruppe = 9",
        "[[person]]",
        "[[person]] Nr. 3 (tn03), gruppe: „9“ gibt es nicht",
    ),
    (
        'person = "tn09"',
        'person = "tn99"',
        "[anwesenheit]",
        "[anwesenheit], abweichung Nr. 1, person: „tn99“ gibt es nicht, gemeint vielleicht: tn09",
    ),
    (
        '"w2"]',
        '"w22"]',
        "[anwesenheit]",
        "[anwesenheit], bestaetigt_termine: „w22“ gibt es nicht, gemeint vielleicht: w2",
    ),
    (
        'referent = "ref-oe"',
        'referent = "wer"',
        "[[wahlthema]]",
        "[[wahlthema]] Nr. 2 (orgaentwicklung), referent: „wer“ gibt es nicht",
    ),
    ('id = "tn04"', 'id = "tn03"', "[[person]]", "[[person]] Nr. 4 (tn03), id: „tn03“ steht schon"),
    (
        "@tn04:",
        "@tn03:",
        "[[person]]",
        "[[person]] Nr. 4 (tn04), mxid: „@tn03:chat.example.org“ steht schon bei "
        "[[person]] Nr. 3 (tn03)",
    ),
    ("nummer = 4", "nummer = 3", W4, "Termin w4, nummer: „3“ steht schon bei Termin w3"),
    ('id = "w5"', 'id = "w4"', "", "Termin w4, id: „w4“ gibt es schon"),
    (
        "nk-2026-2-orga",
        "nk-2026-2-info",
        "[raeume]",
        "[raeume], orga: „#nk-2026-2-info:chat.example.org“ steht schon bei "
        "[raeume], ankuendigungen",
    ),
    (
        "@leitung-stiftung",
        "@leitung-ihk",
        "[admin]",
        "[admin], mxids: „@leitung-ihk:chat.example.org“ gibt es schon",
    ),
    (
        'person = "tn05"\ntermin = "a2"\nue = 4',
        'person = "tn09"\ntermin = "w2"\nue = 1',
        "[anwesenheit]",
        "[anwesenheit], abweichung Nr. 2, termin: „w2“ steht schon bei "
        "[anwesenheit], abweichung Nr. 1",
    ),
    # times
    ("11:30:00", "09:30:00", W4, "Termin w4, ende: liegt vor beginn"),
    ("11:30:00", "10:00:00", W4, "Termin w4, ende: ist gleich beginn"),
    ("pausen_minuten = 0", "pausen_minuten = 90", W4, "Termin w4, pausen_minuten: länger als der"),
    ("2026-12-11T12", "2026-11-11T12", WAHL, "[wahl], schluss: liegt vor offen_ab"),
    (
        "2026-12-09T13",
        "2026-12-19T13",
        WAHL,
        "[wahl], erinnerung_an_nichtwaehler Nr. 1: liegt nicht zwischen offen_ab und schluss",
    ),
    (
        "2026-12-02",
        "2062-12-02",
        W4,
        "Termin w4, datum: Sa 02.12.2062 liegt nicht im Kurs (Mo 02.11.2026 bis Di 09.02.2027)",
    ),
    (
        "2026-11-17T18:00:00",
        "2027-11-17T18:00:00",
        'id = "w1"',
        "Termin w1, aufgabe_bis: Mi 17.11.2027 liegt weit außerhalb des Kurses",
    ),
    ("bis = 2027-01-08", "bis = 2026-01-08", "", "[[pause]] Nr. 1 (Winterpause), bis: liegt vor"),
    # the election
    (
        "stimmen_pro_person = 1",
        "stimmen_pro_person = 5",
        WAHL,
        "[wahl], stimmen_pro_person: mehr Stimmen als Wahlthemen (4)",
    ),
    ('"B"]', '"C"]', WAHL, "Termin w8, wahlplatz: „B“ gibt es nicht"),
    (
        'wahlplatz = "B"',
        'wahlplatz = "A"',
        "",
        "Termin w8, wahlplatz: „A“ steht schon bei Termin w7",
    ),
    # attendance
    (
        "ue = 1\n",
        "ue = 3\n",
        "[anwesenheit]",
        "[anwesenheit], abweichung Nr. 4, ue: „w1“ hat nur 2 UE",
    ),
    # rules
    (
        'id = "vortag"',
        'id = "vortrag"',
        "",
        "[[regel]] Nr. 2 (vortrag), id: „vortrag“ ist keine Regel, gemeint vielleicht: vortag",
    ),
    (
        "relativ_tage = -1\n",
        "relativ_tage = -1\nrelativ_minuten = 5\n",
        "",
        "[[regel]] Nr. 2 (vortag): zu viel (relativ_tage, relativ_minuten), genau eins davon "
        "gehört hinein: wochentag, relativ_tage, relativ_minuten, relativ_ende_minuten, ausloeser",
    ),
    (
        "relativ_tage = -1\n",
        "",
        "",
        "[[regel]] Nr. 2 (vortag): es fehlt, genau eins davon gehört hinein: wochentag, "
        "relativ_tage, relativ_minuten, relativ_ende_minuten, ausloeser",
    ),
    (
        "uhr = 14:00:00\n",
        "",
        "relativ_tage",
        "[[regel]] Nr. 2 (vortag), uhr: fehlt, sie gehört zu relativ_tage",
    ),
    (
        "relativ_minuten = -15",
        "relativ_minuten = -15\nuhr = 10:00:00",
        "",
        "[[regel]] Nr. 3 (gleich), uhr: passt nicht zu relativ_minuten",
    ),
    (
        "checkin_bis_minuten = 30",
        "checkin_bis_minuten = -30",
        "",
        "[[regel]] Nr. 3 (gleich), checkin_bis_minuten: liegt vor checkin_von_minuten",
    ),
    # grammar
    (
        "[raeume]",
        "[raeume",
        "",
        "Zeile 55: die eckige Klammer ist nicht geschlossen („[raeume“)",
    ),
    (
        'id = "w4"',
        "id = w4",
        "",
        "Zeile 188: kein gültiger Wert (Text gehört in Anführungszeichen) („id = w4“)",
    ),
    ("durchgang = 2", "durchgang = 2\nid = 3", "", "Zeile 16: diesen Schlüssel gibt es hier schon"),
    ("[anrede]", "[kurs]", "", "Zeile 27: diese Tabelle gibt es schon („[kurs]“)"),
    ("durchgang = 2", "durchgang 2", "", "Zeile 15: hinter dem Schlüssel fehlt „=“ („durchgang 2"),
    ("durchgang =", "größe =", "", "Zeile 15: hinter dem Schlüssel fehlt „=“ („größe = 2“)"),
]


SEVERAL = ("tehma =", '"C"]', 'wahlplatz = "A"', 'id = "tn03"', 'id = "w4"')


@pytest.mark.parametrize(("old", "new", "after", "problem"), MISTAKES)
def test_one_mistake_is_named(old, new, after, problem):
    lines = problems(changed(old, new, after=after))
    assert [line[: len(problem)] for line in lines if line.startswith(problem)] == [problem]
    assert len(lines) == 1 or new in SEVERAL


def test_all_mistakes_at_once():
    text = SAMPLE
    for old, new, after in [
        ("2026-12-02", "2026-13-02", W4),
        ('"HB"', '"XX"', HAFEN),
        ("2026-12-11T12:00:00", "2026-11-11T12:00:00", WAHL),
        ('"ref-tools"', '"ref-tool"', W4),
        ("2026-12-16", "16.12.2026", ""),
    ]:
        text = changed(old, new, text, after)
    assert problems(text) == [
        "Termin w4, datum: „2026-13-02“ ist kein Datum",
        "Termin w6, datum: „16.12.2026“ ist kein Datum (Beispiel: 2026-12-02)",
        "[[netzwerk]] Nr. 3 (hafenbogen), land: „XX“ ist kein Bundesland",
        "Termin w4, referenten: „ref-tool“ gibt es nicht, gemeint vielleicht: ref-tools",
        "[wahl], schluss: liegt vor offen_ab",
    ]


def test_broken_lines_hide_no_other_mistakes():
    text = changed('"HB"', '"XX"', changed('kurz = "Elbaue"', 'kurz = "Elbaue'), HAFEN)
    assert problems(changed('id = "w3"', "id = w3", text)) == [
        "Zeile 170: kein gültiger Wert (Text gehört in Anführungszeichen) („id = w3“)",
        "Zeile 530: das Anführungszeichen ist nicht geschlossen, oder ein Zeichen stört "
        '(„kurz = "Elbaue“)',
        "[[netzwerk]] Nr. 3 (hafenbogen), land: „XX“ ist kein Bundesland",
    ]


def test_an_empty_file_says_what_belongs_in():
    assert problems("") == [
        "[kurs]: fehlt",
        "[raeume]: fehlt",
        "[admin]: fehlt",
        "[[termin]]: fehlt",
    ]


def test_more_than_twenty_topics():
    topic = '[[wahlthema]]\nid = "t{0}"\nnummer = {0}\ntitel = "Titel {0}"\n'
    text = SAMPLE + "".join(topic.format(n) for n in range(5, 22))
    assert problems(text) == ["[[wahlthema]]: mehr als 20 Einträge"]


def test_an_empty_account_is_no_mistake_and_free_hosts_are_fine():
    read(changed('"@tn03:chat.example.org"', '""', after="[[person]]"))
    read(changed('traeger = "hochschule"', 'traeger = "Verein zur Förderung"'))


def test_shapes_that_are_no_tables():
    text = "kurs=1\ntermin=[1]\nwahl=[]\nraeume={orga=1,x=2}\nadmin={mxids=[{}]}\n[termine]\n"
    assert problems(text) == [
        "kurs: „1“ ist keine Tabelle",
        "[raeume], ankuendigungen: fehlt",
        "[raeume], austausch: fehlt",
        "[raeume], orga: „1“ ist kein Text",
        "[raeume], x: unbekannt",
        "[admin], mxids Nr. 1: eine Tabelle ist kein Text",
        "[[termin]] Nr. 1: „1“ ist keine Tabelle",
        "[[wahl]]: eine Liste ist keine Tabelle",
        "[termine]: unbekannt, gemeint vielleicht: termin",
    ]


def test_hints():
    text = changed("datum = 2027-01-13", "datum = 2027-01-07")
    text = changed("datum = 2027-01-20", "datum = 2027-01-06", text)
    text = changed("ende = 11:30:00", "ende = 11:00:00", text, 'id = "w5"')
    assert notes(read(text), {})[2:] == [
        "Webinar 5 (Mi 09.12.): 2 UE passen nicht in 60 Minuten",
        "Webinar 7 (Do 07.01.): liegt in der Pause Winterpause (21.12. bis 08.01.), "
        "dazu kommt nichts von selbst",
        "Webinar 7 (Do 07.01.): nicht am Mittwoch",
        "Webinar 8 (Mi 06.01.): Heilige Drei Könige, Feiertag in BW, BY, ST "
        "(Elbaue, Neckarhöhe, Granitland)",
        "Webinar 8 (Mi 06.01.): liegt in der Pause Winterpause (21.12. bis 08.01.), "
        "dazu kommt nichts von selbst",
        "Thema noch offen: Webinar 7 (Do 07.01., Platz A), Webinar 8 (Mi 06.01., Platz B)",
    ]


DEEP = "Die Datei ist tiefer als 8 Ebenen verschachtelt."
HOSTILE = {
    "latin-1": (SAMPLE.encode("cp1252"), "Zeile 1: Die Datei ist nicht in UTF-8 gespeichert."),
    "utf-16": (SAMPLE.encode("utf-16"), "Zeile 1: Die Datei ist nicht in UTF-8 gespeichert."),
    "large": (b"#" * 1_000_001, "Die Datei ist größer als 1 MB."),
    "dots": (b"[" + b"a." * 19_500 + b"a]", DEEP),
    "spaced dots": (b"a . " * 100_000 + b"= 1", DEEP),
    "quoted dots": (b'["a"' + b'."a"' * 9_000 + b"]", DEEP),
    "brackets": (b"x = " + b"[" * 400_000, DEEP),
    "inline tables": (b"x = " + b"{a = " * 190_000, DEEP),
    "hidden": (b'x = "\\"" # [[[\ny = ' + b"[" * 100, DEEP),
    "digits": (b"x = " + b"9" * 900_000, "[kurs]: fehlt"),
    "hexadecimal": (b"schema = 0x" + b"f" * 900_000, "schema: eine riesige Zahl passt hier nicht"),
    "quotes": (b'"\\' * 490_000, "Zeile 1: ein einzelner"),
    "long quotes": (b'"""\\' * 240_000, "Zeile 1: hinter dem Schlüssel"),
    "long key": (b"a" * 900_000, "Zeile 1: hinter dem Schlüssel"),
    "spaces": (b" " * 900_000 + b"=", "Zeile 1: weder"),
    "nul": (b"\0" * 1_000, "Zeile 1: weder"),
    "entries": (b"[[termin]]\n" * 90_000, "[kurs]: fehlt"),
    "references": (
        b"".join(
            b'[[netzwerk]]\nid = "n%d"\n[[person]]\nnetzwerk = "m%d"\n' % (n, n)
            for n in range(17_000)
        ),
        "[kurs]: fehlt",
    ),
    "tables": (b"".join(b"[a%d.b.c.d.e.f]\n" % n for n in range(40_000)), "[kurs]: fehlt"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_quickly(name):
    data, problem = HOSTILE[name]
    start = time.process_time()
    lines = problems(data)
    assert lines[0].startswith(problem)
    assert len(lines) <= 201
    assert max(map(len, lines)) < 250
    assert time.process_time() - start < 8  # seconds; far less on a quiet machine


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(SAMPLE.encode())), st.binary(max_size=12), st.integers(0, 40))
def test_a_damaged_file_never_raises_anything_else(at, junk, dropped):
    data = SAMPLE.encode()
    with suppress(Faulty):
        course_file.read(data[:at] + junk + data[at + dropped :], RULES)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_value_in_any_place_is_named_with_its_table(data):
    lines = SAMPLE.split("\n")
    places = [n for n, line in enumerate(lines) if re.match(r"[a-z_]+ = ", line)]
    number = data.draw(st.sampled_from(places))
    value = data.draw(st.sampled_from(["[]", "{}", "-1", '""', "1e9", "true", "2026-01-01", "[1]"]))
    lines[number] = lines[number].split(" = ")[0] + f" = {value}"
    assert all(": " in line and "passt hier nicht" not in line for line in found("\n".join(lines)))


def test_a_mark_at_the_beginning_and_other_line_ends_are_fine():
    assert course_file.read(b"\xef\xbb\xbf" + SAMPLE.replace("\n", "\r\n").encode(), RULES) == read(
        SAMPLE
    )


def moments(value):
    if isinstance(value, dict):
        return [m for v in value.values() for m in moments(v)]
    if isinstance(value, list):
        return [m for v in value for m in moments(v)]
    return [value] if isinstance(value, date) else []


@settings(max_examples=25, deadline=None)
@given(st.integers(-1_300, 3_800))
def test_a_course_can_be_moved_by_whole_weeks(weeks):
    text = course_file.shift(SAMPLE, weeks)
    read(text)
    before, after = (moments(tomllib.loads(t)) for t in (SAMPLE, text))
    assert after == [moment + timedelta(weeks=weeks) for moment in before]
    assert any(isinstance(moment, datetime) for moment in after)
    assert course_file.shift(text, -weeks) == SAMPLE


def test_dates_in_texts_stay():
    text = (
        'a = "2026-11-02"\nb = [2026-11-02, 2026-11-03T10:00:00]# 2026-11-02\nid = "k-2026-11-02"'
    )
    assert course_file.shift(text, 1) == (
        'a = "2026-11-02"\nb = [2026-11-09, 2026-11-10T10:00:00]# 2026-11-02\nid = "k-2026-11-02"'
    )


VOTES = "stimmen_pro_person = 1 "
APPROVAL = SAMPLE.replace(VOTES, 'verfahren = "zustimmung" ')


@pytest.mark.parametrize(
    ("text", "procedure", "votes"),
    [
        (SAMPLE, "mehrheit", 1),
        (SAMPLE.replace(VOTES, 'verfahren = "mehrheit" '), "mehrheit", 1),
        (APPROVAL, "zustimmung", 4),
        (APPROVAL.replace("[wahl]", "[wahl]\nstimmen_pro_person = 3"), "zustimmung", 3),
    ],
)
def test_who_approves_may_do_so_as_often_as_there_are_topics(text, procedure, votes):
    rows = course_rows.rows(read(text), 1)
    poll = next(row for row in rows if isinstance(row, Poll))
    assert (poll.procedure, poll.votes_per_person) == (procedure, votes)


def test_an_approval_vote_with_one_vote_is_none():
    text = APPROVAL.replace("[wahl]", "[wahl]\nstimmen_pro_person = 1")
    assert problems(text) == [
        "[wahl], stimmen_pro_person: bei Zustimmung mindestens 2, oder weglassen für alle"
    ]
