"""A course file is applied as a difference: it says what changed, and what is there stays."""

from datetime import UTC, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

import bot
import schedules
from storage import courses, database
from storage.course_files import course_file, imports
from storage.course_files.course_file import Faulty
from storage.models import (
    Attendance,
    Ballot,
    Base,
    Course,
    Meeting,
    Network,
    Organiser,
    Person,
    Poll,
    Room,
    Rule,
)
from tests import databases

SAMPLE = Path(bot.__file__).with_name("sample_course.toml").read_text()
RULES = [*schedules.discover(), "material"]
COUNT = SAMPLE.count("\n[[regel]]")
NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
LATER = datetime(2026, 10, 2, 12, tzinfo=UTC)


@pytest.fixture
async def sessions(tmp_path):
    async with database.opened(databases.of(tmp_path / "kursbot.db")) as opened:
        yield opened


async def apply(sessions, text=SAMPLE, now=NOW):
    async with sessions.begin() as db:
        return await imports.apply(db, course_file.read(text.encode(), RULES), now)


async def changes(sessions, *edits):
    """What an edited sample changes in the course of the sample."""
    await apply(sessions)
    return (await apply(sessions, edited(*edits), LATER)).changes


def edited(*edits):
    """The sample with places changed: the first `old` after a landmark."""
    text = SAMPLE
    for after, old, new in edits:
        at = text.index(old, text.index(after))
        text = text[:at] + new + text[at + len(old) :]
    return text


def without(first, following):
    """The sample without what stands between two landmarks."""
    start = SAMPLE.index(first)
    return SAMPLE[:start] + SAMPLE[SAMPLE.index(following, start) :]


async def rows(sessions, model, **values):
    async with sessions() as db:
        return (await db.scalars(select(model).filter_by(**values).order_by(model.id))).all()


async def row(sessions, model, **values):
    (found,) = await rows(sessions, model, **values)
    return found


async def test_a_new_course(sessions):
    result = await apply(sessions)
    assert result.changes == [
        f"Neuer Kurs nk-2026-2: 14 Termine, 16 Netzwerke, 16 Personen, 4 Wahlthemen, {COUNT} Regeln"
    ]
    assert result.notes == [
        "Noch ohne Konto: tn16 (Koordination Granitland)",
        "Webinar 2 (Mi 18.11.): Buß- und Bettag, Feiertag in SN (Erzwinkel)",
        "Thema noch offen: Webinar 7 (Mi 13.01., Platz A), Webinar 8 (Mi 20.01., Platz B)",
    ]
    assert result.course.zone.key == "Europe/Berlin"
    assert result.course.imported_at == NOW


async def test_what_the_file_says_is_in_the_database(sessions):
    await apply(sessions)
    meeting = await row(sessions, Meeting, key="w1")
    assert (meeting.number, meeting.starts, meeting.units) == (1, time(10), 2)
    assert meeting.task_due == datetime(2026, 11, 17, 17, tzinfo=UTC)
    assert meeting.materials[0] == {"titel": "Folien Organisationsform", "datei": "w1-folien.pdf"}
    poll = await row(sessions, Poll)
    assert poll.closes == datetime(2026, 12, 11, 11, tzinfo=UTC)
    assert poll.reminders == ["2026-12-09T12:00:00+00:00", "2026-12-10T13:00:00+00:00"]
    rules = {rule.key: rule for rule in await rows(sessions, Rule)}
    days = [rules[key].weekday for key in ("impuls", "vortag", "wochenrueckblick", "tandem")]
    assert days == [0, None, 4, 0]
    assert not rules["material"].push
    assert rules["gleich"].until_start
    network = await row(sessions, Network, key="wattkante")
    assert network.partners["unternehmen"] == 14
    assert network.other_partners == "Nationalpark-Haus, Freiwillige Feuerwehren"
    assert (await row(sessions, Person, key="tn16")).mxid is None


async def test_confirmed_attendance_counts_in_full_but_for_the_deviations(sessions):
    await apply(sessions)
    sums = dict.fromkeys(("tn01", "tn05", "tn09", "tn10", "tn12", "tn16"), 0)
    for entry in await rows(sessions, Attendance):
        if entry.person in sums:
            sums[entry.person] += entry.units
    assert sums == {"tn01": 20, "tn05": 16, "tn09": 18, "tn10": 20, "tn12": 19, "tn16": 12}


async def test_the_same_file_again_changes_nothing(sessions):
    await apply(sessions)
    before = await snapshot(sessions)
    assert (await apply(sessions, now=LATER)).changes == []
    assert await snapshot(sessions) == before


async def snapshot(sessions):
    async with sessions() as db:
        tables = Base.metadata.sorted_tables
        return {table.name: (await db.execute(select(table))).all() for table in tables}


ONE_LINE = [
    ('id = "w4"', "2026-12-02", "2026-12-03", ["Webinar 4: Mi 02.12. → Do 03.12."]),
    ('id = "w4"', "10:00:00", "09:00:00", ["Webinar 4, Beginn: 10:00 → 09:00"]),
    (
        'id = "w5"',
        "Angebotsentwicklung im Netzwerk",
        "Angebote",
        ["Webinar 5, Thema: Angebotsentwicklung im Netzwerk → Angebote"],
    ),
    ('id = "a2"', "2026-11-03", "2026-11-04", ["Auftakt a2: Di 03.11. → Mi 04.11."]),
    (
        'id = "wattkante"',
        'bietet = ["MINT-Mobil", ',
        'bietet = ["MINT-Mobil", "FabLab", ',
        ["Netzwerk Wattkante, bietet: + FabLab"],
    ),
    (
        'id = "wattkante"',
        '["MINT-Mobil", "Experimentierkisten"',
        '["Experimentierkisten", "MINT-Mobil"',
        ["Netzwerk Wattkante, bietet: andere Reihenfolge"],
    ),
    ('id = "wattkante"', "kitas = 6", "kitas = 7", ["Netzwerk Wattkante, Partner: kitas 6 → 7"]),
    ('id = "tn16"', 'mxid = ""', 'mxid = "@t:b"', ["Person tn16, Konto: – → @t:b"]),
    ("[wahl]", "11T12:00", "11T13:00", ["Wahl wahl-1, Schluss: Fr 11.12. 12:00 → Fr 11.12. 13:00"]),
    (
        "[wahl]",
        "10T14:00",
        "10T15:00",
        ["Wahl wahl-1, Erinnerungen: + Do 10.12. 15:00, − Do 10.12. 14:00"],
    ),
    ("[wahl]", "zwischenstand_sichtbar = false", "zwischenstand_sichtbar = true", None),
    ("[[regel]]", '"mo"', '"Dienstag"', ["Regel impuls, Wochentag: Mo → Di"]),
    ("[kurs]", 'kurztitel = "Netz', 'kurztitel = "Metz', None),
    ("[ruhezeiten]", "18:00", "19:00", ["Kurs, Ruhezeit von: 18:00 → 19:00"]),
    ("[projektarbeit]", "05T12", "05T13", None),
    ("[[pause]]", "2027-01-08", "2027-01-09", ["Pause Winterpause, bis: Fr 08.01. → Sa 09.01."]),
    (
        'id = "w1"',
        "w1-folien.pdf",
        "neu.pdf",
        [
            "Webinar 1, Material: + Folien Organisationsform (neu.pdf), "
            "− Folien Organisationsform (w1-folien.pdf)"
        ],
    ),
    (
        "[raeume]",
        "#nk-2026-2-orga",
        "#orga",
        ["Raum orga: #nk-2026-2-orga:chat.example.org → #orga:chat.example.org"],
    ),
    (
        "[admin]",
        '"@leitung-ihk',
        '"@neu',
        [
            "Neu: Lehrgangsleitung @neu:chat.example.org",
            "Entfernt: Lehrgangsleitung @leitung-ihk:chat.example.org",
        ],
    ),
    ("[anwesenheit]", "ue = 0", "ue = 1", ["Anwesenheit tn09 bei w2, UE: 0 → 1"]),
    ("[anwesenheit]", '["a1"', '["w3", "a1"', ["Anwesenheit w3: 16 neu"]),
    (
        "[[person]]",
        "[[person]]",
        '[[person]]\nid = "tn17"\nanzeige = "Koordination X"\n[[person]]',
        [
            "Neu: Person tn17 (Koordination X)",
            *(f"Anwesenheit {meeting}: 1 neu" for meeting in ("a1", "a2", "w1", "w2")),
        ],
    ),
]


@pytest.mark.parametrize(("after", "old", "new", "told"), ONE_LINE)
async def test_a_change_is_told_and_can_be_taken_back(sessions, after, old, new, told):
    found = await changes(sessions, (after, old, new))
    assert found == told if told else len(found) == 1
    assert (await apply(sessions, edited((after, old, new)))).changes == []
    gone = [line for line in (await apply(sessions)).changes if not line.startswith("Neu")]
    assert bool(gone) == (new != '["w3", "a1"')
    assert (await apply(sessions)).changes == []


async def test_a_removed_meeting_leaves_what_people_did(sessions):
    await apply(sessions)
    text = without('[[termin]]\nid = "w9"', '[[termin]]\nid = "w10"')
    assert (await apply(sessions, text)).changes == ["Entfernt: Termin w9"]
    kept = len(await rows(sessions, Attendance))
    text = without('[[person]]\nid = "tn01"', '[[person]]\nid = "tn02"')
    await apply(sessions, text)
    assert len(await rows(sessions, Attendance)) == kept
    assert (await apply(sessions)).changes == ["Neu: Person tn01 (Koordination Wattkante)"]


async def test_votes_and_check_ins_stay(sessions):
    course = (await apply(sessions)).course
    async with sessions.begin() as db:
        db.add(
            Ballot(
                course_id=course.id,
                mxid="@tn01:chat.example.org",
                event_id="$1",
                poll="wahl-1",
                answers=["3"],
                at=NOW,
            )
        )
        db.add(
            Attendance(course_id=course.id, person="tn01", meeting="w3", units=1, state="selbst")
        )
    await apply(sessions, edited(('id = "w4"', "2026-12-02", "2026-12-03")))
    assert len(await rows(sessions, Ballot)) == 1
    assert (await row(sessions, Attendance, person="tn01", meeting="w3")).state == "selbst"


async def test_rows_stay_the_same_rows(sessions):
    await apply(sessions)
    before = {m.key: m.id for m in await rows(sessions, Meeting)}
    await apply(sessions, edited(('id = "w4"', "2026-12-02", "2026-12-03")))
    assert {m.key: m.id for m in await rows(sessions, Meeting)} == before


async def test_the_sequence_rises_with_what_a_calendar_shows(sessions):
    await apply(sessions)
    await apply(sessions, edited(('id = "w4"', "2026-12-02", "2026-12-03")))
    assert (await row(sessions, Meeting, key="w4")).sequence == 1
    await apply(
        sessions,
        edited(('id = "w4"', "2026-12-02", "2026-12-03"), ('id = "w4"', "Ein Werk", "Mein Werk")),
    )
    assert (await row(sessions, Meeting, key="w4")).sequence == 1
    assert (await row(sessions, Meeting, key="w5")).sequence == 0
    await apply(sessions, edited(("[kurs]", 'titel = "Netz', 'titel = "Metz')))
    assert (await row(sessions, Meeting, key="w5")).sequence == 1


async def test_a_room_is_known_until_its_address_changes(sessions):
    await apply(sessions)
    async with sessions.begin() as db:
        for room in await db.scalars(select(Room)):
            room.room_id = f"!{room.kind}"
    alias, own = '"#nk-2026-2-orga:chat.example.org"', '"!own"'
    await apply(sessions, edited(("[raeume]", "#nk-2026-2-austausch", "#neu")))
    found = {room.kind: room.room_id for room in await rows(sessions, Room)}
    assert found == {
        **{"ankuendigungen": "!ankuendigungen", "austausch": None, "orga": "!orga"},
        "alumni": "!alumni",
    }
    await apply(sessions, edited(("[raeume]", alias, own)))
    assert (await row(sessions, Room, kind="orga")).room_id == "!own"


async def test_two_courses_do_not_share_a_room(sessions):
    await apply(sessions)
    async with sessions.begin() as db:
        room = await db.scalar(select(Room).where(Room.kind == "orga"))
        room.room_id = "!orga"
    text = edited(
        ("[kurs]", '"nk-2026-2"', '"nk-3"'),
        ("[raeume]", "#nk-2026-2-info", "#nk-3-info"),
        ("[raeume]", "#nk-2026-2-orga:chat.example.org", "!orga"),
    )
    with pytest.raises(Faulty) as caught:
        await apply(sessions, text)
    assert caught.value.problems == [
        "[raeume], austausch: „#nk-2026-2-austausch:chat.example.org“ "
        "gehört schon zum Kurs nk-2026-2",
        "[raeume], orga: „!orga“ gehört schon zum Kurs nk-2026-2",
    ]
    assert len(await rows(sessions, Course)) == 1


async def test_two_courses_may_share_people(sessions):
    await apply(sessions)
    text = SAMPLE.replace("nk-2026-2", "nk-3")
    assert (await apply(sessions, text)).changes == [
        f"Neuer Kurs nk-3: 14 Termine, 16 Netzwerke, 16 Personen, 4 Wahlthemen, {COUNT} Regeln"
    ]
    assert len(await rows(sessions, Organiser)) == 4
    assert (await apply(sessions)).changes == []


async def test_an_import_that_dies_half_way_leaves_nothing(sessions):
    file = course_file.read(SAMPLE.encode(), RULES)
    async with sessions.begin() as db:
        await imports.apply(db, file, NOW)
        await db.rollback()
    async with sessions() as db:
        assert await courses.by_key(db, "nk-2026-2") is None
        assert await db.scalar(select(func.count()).select_from(Meeting)) == 0


@settings(max_examples=12, deadline=None)
@given(st.integers(-1_300, 3_700), st.integers(-1, 1))
async def test_any_moved_course_is_imported_once(weeks, further):
    """Whole weeks anywhere, clock changes included."""
    with TemporaryDirectory() as folder:
        async with database.opened(databases.of(Path(folder) / "kursbot.db")) as sessions:
            text = course_file.shift(SAMPLE, weeks)
            assert len((await apply(sessions, text)).changes) == 1
            assert (await apply(sessions, text)).changes == []
            again = course_file.shift(text, further)
            moved = (await apply(sessions, again)).changes
            assert bool(moved) == bool(further)
            assert (await apply(sessions, again)).changes == []
