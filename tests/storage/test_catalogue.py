"""Every column has a place in the catalogue, and exactly one."""

from collections import Counter
from datetime import UTC, date, datetime

from storage.catalogue import (
    CATALOGUE,
    FOR_EDGE,
    FOR_PROOF,
    FOR_RESULT,
    Erased,
    Named,
    Since,
    Whose,
)
from storage.models import Base, Course

TABLES = Base.metadata.tables
COURSE = {
    **{"key": "k", "title": "K", "short_title": "K", "timezone": "Europe/Berlin"},
    **{"begins": date(2026, 11, 2), "ends": date(2027, 2, 9)},
    "imported_at": datetime(2026, 10, 1, tzinfo=UTC),
}


def test_every_column_is_classified_exactly_once():
    classified = Counter((e.table, column) for e in CATALOGUE for column in e.columns.split())
    columns = {(table.name, column.name) for table in TABLES.values() for column in table.columns}
    assert columns - classified.keys() == set(), "missing in storage/catalogue.py"
    assert classified.keys() - columns == set(), "there is no such column"
    assert [twice for twice, count in classified.items() if count > 1] == []


def test_what_is_about_people_can_be_found_by_person():
    for entry in CATALOGUE:
        if entry.whose is Whose.PERSON:
            assert entry.by in TABLES[entry.table].columns, entry
        else:
            assert not entry.by, entry
            assert not entry.shown, entry
            assert entry.erased is Erased.NEVER, entry


def test_everything_with_a_matrix_id_or_a_person_is_somebodys():
    """But for what belongs to the organisers and to the bot's own rooms."""
    naming = {"mxid", "person", "sender", "inviter"}
    tables = {table.name for table in TABLES.values() if naming & set(table.columns.keys())}
    found = {entry.table for entry in CATALOGUE if entry.whose is Whose.PERSON}
    assert tables - found == {"organisers"}


def test_periods_are_settings_of_the_course():
    for entry in CATALOGUE:
        assert entry.kept.setting in ("", *TABLES["courses"].columns.keys()), entry
    assert {entry.named for entry in CATALOGUE if entry.by} == set(Named)


def test_what_goes_in_time_says_when():
    """Whatever is kept for a while has a column that says since when, or belongs to a course."""
    for entry in CATALOGUE:
        columns = TABLES[entry.table].columns
        if entry.kept.since in (Since.WRITTEN, Since.ASKED):
            assert entry.dated in columns, entry
        if entry.kept.since in (Since.RESULT, Since.END):
            assert entry.dated in columns or "course_id" in columns, entry
        if entry.whose is Whose.PERSON:
            assert entry.kept.since not in (Since.COURSE, Since.BOT), entry


def test_periods_end_on_the_same_day_of_a_later_month():
    course = Course(attendance_kept_months=3, votes_kept_days=7, **COURSE)
    assert FOR_PROOF.until(course, date(2026, 11, 30)) == date(2027, 2, 28)
    assert FOR_PROOF.until(course, date(2027, 2, 9)) == date(2027, 5, 9)
    assert FOR_RESULT.until(course, date(2026, 12, 28)) == date(2027, 1, 4)
    assert FOR_PROOF.told(course) == "3 Monate nach Kursende"
    assert FOR_EDGE.told(course) == "30 Tage"
