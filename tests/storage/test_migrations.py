"""A database of every released schema becomes one of today, with all that is in it."""

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Inspector, create_engine, inspect, select

from storage import database, facts
from storage.engine import schema
from storage.engine.schema import VERSION
from storage.migrations.draft import differences, drafted
from storage.models import Base

ROOT = Path(__file__).parents[2]
RELEASED = sorted((ROOT / "tests/data").glob("schema_*.sql"))
Rows = dict[str, list[dict[str, Any]]]


def url(file: Path) -> str:
    return f"sqlite:///{file}"


def older(dump: Path, file: Path) -> Path:
    """A database as an earlier Kursbot has left it."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(dump.read_text("utf-8"))
    return file


async def upgraded(file: Path) -> None:
    async with database.opened(url(file)):
        pass


def rows(file: Path) -> Rows:
    """Everything in it, but which schema it has."""
    with closing(sqlite3.connect(file)) as connection:
        connection.row_factory = sqlite3.Row
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        found = {table[0]: connection.execute(f"SELECT * FROM {table[0]}") for table in tables}
        contents = {table: [dict(row) for row in every] for table, every in found.items()}
    contents["facts"] = [row for row in contents["facts"] if row["name"] != schema.FACT]
    return contents


def form(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        query = "SELECT value FROM facts WHERE name = ?"
        return int(connection.execute(query, (schema.FACT,)).fetchone()[0])


def structure(file: Path) -> dict[str, Any]:
    """All that the tables are made of, whatever its order."""
    engine = create_engine(url(file))
    look = inspect(engine)
    found = {table: described(look, table) for table in look.get_table_names()}
    engine.dispose()
    return found


def described(look: Inspector, table: str) -> dict[str, Any]:
    described = {
        "columns": [(c["name"], str(c["type"]), c["nullable"]) for c in look.get_columns(table)],
        "defaults": [c["default"] for c in look.get_columns(table) if c["default"] is not None],
        "keys": look.get_foreign_keys(table),
        "indexes": look.get_indexes(table),
        "unique": look.get_unique_constraints(table),
    }
    return {key: sorted(map(str, found)) for key, found in described.items()} | {
        "primary": look.get_pk_constraint(table)["constrained_columns"],
        "never again": look.get_table_options(table),
    }


def test_every_released_schema_has_a_database_here_but_for_the_last():
    assert [int(dump.stem[7:]) for dump in RELEASED] == [*range(1, VERSION)]


def test_the_changelog_names_every_schema():
    told = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert [f"(schema {n})" in told for n in range(1, VERSION + 1)] == [True] * VERSION


def test_the_draft_is_up_to_date():
    """If not: `python -m storage.migrations`."""
    code, _ = drafted(VERSION)
    ruff = [sys.executable, "-m", "ruff", "format", "-"]
    formatted = subprocess.run(
        ruff, input=code, capture_output=True, text=True, check=True, cwd=ROOT
    )
    kept = (ROOT / f"storage/migrations/schema_{VERSION}.py").read_text("utf-8")
    without = [text.partition("def upgrade")[2] for text in (formatted.stdout, kept)]
    assert without[0] == without[1]


@pytest.mark.parametrize("dump", RELEASED, ids=lambda dump: dump.stem)
async def test_an_upgraded_database_is_like_a_fresh_one(dump, tmp_path):
    old, new = older(dump, tmp_path / "old.db"), tmp_path / "new.db"
    before = rows(old)
    await upgraded(old)
    await upgraded(new)
    assert structure(old) == structure(new)
    with create_engine(url(old)).connect() as connection:
        assert differences(connection) == []
    after = rows(old)
    for table, found in before.items():
        if table in after:
            kept = (
                found[0].keys() & (after[table][0].keys() if after[table] else set())
                if found
                else set()
            )
            assert [{k: row[k] for k in kept} for row in after[table]] == [
                {k: row[k] for k in kept} for row in found
            ], table


@pytest.mark.parametrize("dump", RELEASED, ids=lambda dump: dump.stem)
async def test_the_models_read_what_was_there(dump, tmp_path):
    async with database.opened(url(older(dump, tmp_path / "k.db"))) as sessions, sessions() as db:
        for mapper in Base.registry.mappers:
            found = (await db.scalars(select(mapper.class_))).all()
            for row in found:
                assert [
                    c.key for c in mapper.columns if not c.nullable and value(row, c) is None
                ] == []


def value(row, column):
    return getattr(row, type(row).__mapper__.get_property_by_column(column).key)


async def test_a_copy_is_made_first_and_the_last_three_are_kept(tmp_path):
    file = older(RELEASED[0], tmp_path / "k.db")
    before = rows(file)
    await upgraded(file)
    copy = tmp_path / "k.db.schema-1"
    assert (form(copy), rows(copy)) == (1, before)
    assert copy.stat().st_mode & 0o777 == 0o600
    assert form(file) == VERSION


async def test_only_the_last_copies_are_kept_and_none_of_what_must_be_forgotten(tmp_path):
    file = older(RELEASED[0], tmp_path / "k.db")
    for number in (7, 8, 9):  # as if it had been there before: the oldest form goes first
        (tmp_path / f"k.db.schema-{number}").touch()
    async with database.opened(url(file)) as sessions:
        assert {path.name for path in tmp_path.glob("k.db.*")} == {
            *("k.db.schema-7", "k.db.schema-8", "k.db.schema-9")
        }
        assert await sessions.wipe(copies=True)
    assert list(tmp_path.glob("k.db.*")) == []


async def test_there_is_no_way_back(tmp_path):
    async with database.opened(url(tmp_path / "k.db")) as sessions, sessions.begin() as db:
        await facts.put(db, schema.FACT, str(VERSION + 1))
    before = rows(tmp_path / "k.db")
    with pytest.raises(schema.TooNew):
        await upgraded(tmp_path / "k.db")
    assert (form(tmp_path / "k.db"), rows(tmp_path / "k.db")) == (VERSION + 1, before)


DYING = """
import asyncio, sys
from tests.matrix.dying import die
from storage import database
async def work():
    async with database.opened(sys.argv[1]):
        pass
die(sys.argv[2], 1)
asyncio.run(work())
"""


@pytest.mark.parametrize(
    "place", ["storage/engine/upgrading.py:_copy", "storage/engine/upgrading.py:_verify"]
)
async def test_killed_half_way_it_is_the_old_one_or_the_new_one(place, tmp_path):
    file = older(RELEASED[-1], tmp_path / "k.db")
    before, tables = rows(file), structure(file)
    command = [sys.executable, "-c", DYING, url(file), place]
    assert (await asyncio.to_thread(subprocess.run, command, cwd=ROOT)).returncode == -9
    assert (form(file), rows(file), structure(file)) == (VERSION - 1, before, tables)
    await upgraded(file)
    assert form(file) == VERSION


async def test_two_that_start_at_once_upgrade_it_once(tmp_path):
    file = older(RELEASED[0], tmp_path / "k.db")
    await asyncio.gather(
        *(asyncio.to_thread(asyncio.run, upgraded(file)) for _ in range(4))
    )  # each as alone as a process is
    assert form(file) == VERSION


def test_alembic_stays_away_when_there_is_nothing_to_upgrade(tmp_path):
    code = (
        "import asyncio, sys\nfrom storage import database\n"
        "async def work():\n    async with database.opened(sys.argv[1]):\n        pass\n"
        "asyncio.run(work())\nasyncio.run(work())\n"
        "assert not {'alembic', 'mako', 'psycopg'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, url(tmp_path / "k.db")], cwd=ROOT, check=True)
