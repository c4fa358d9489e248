"""Every column has a place in the catalogue, and exactly one."""

from collections import Counter

from storage.catalogue import CATALOGUE, Erased, Named, Whose
from storage.models import Base

TABLES = Base.metadata.tables


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
