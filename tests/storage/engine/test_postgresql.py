"""A real PostgreSQL: the same transactions, several processes, and an account each."""

import asyncio
import secrets
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest
from sqlalchemy import MetaData, create_engine, select, text
from sqlalchemy.exc import OperationalError

from storage import courses, database, facts, inbox
from storage.course_files import course_file
from storage.course_files.imports import apply
from storage.database import Deposed, Lost
from storage.engine import postgresql, schema
from storage.migrations import steps
from storage.migrations.draft import differences
from tests import databases
from tests.conftest import RULES, SAMPLE
from tests.storage.test_migrations import RELEASED

NOW = datetime(2026, 10, 1, 10, tzinfo=UTC)

GUARDS = (
    "SELECT pg_terminate_backend(pid) FROM pg_locks "
    "WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
)


@pytest.fixture
def url(postgres):
    return databases.with_account(postgres, f"@bot-{secrets.token_hex(4)}:chat.example.org")


def engine(url):
    _, address, arguments = postgresql.place(url)
    return create_engine(address, connect_args=arguments)


async def test_writers_wait_for_each_other_also_in_other_processes(url):
    async with database.opened(url) as one, database.opened(url) as other:

        async def count(sessions):
            async with sessions.begin() as db:
                before = int(await facts.get(db, "count") or 0)
                await asyncio.sleep(0)
                await facts.put(db, "count", str(before + 1))

        await asyncio.gather(*(count(sessions) for _ in range(10) for sessions in (one, other)))
        async with one() as db:
            assert await facts.get(db, "count") == "20"


async def test_what_is_begun_is_done_whole_or_not_at_all_and_nobody_writes_after_the_end(url):
    async with database.opened(url) as sessions:
        with pytest.raises(LookupError):
            await half(sessions)
        async with sessions() as db:
            assert await facts.get(db, "half") is None
    with pytest.raises(OperationalError):
        async with sessions.begin() as db:
            pass


async def half(sessions):
    async with sessions.begin() as db:
        await facts.put(db, "half", "x")
        raise LookupError


async def test_an_event_is_seen_once_and_reading_changes_nothing(url):
    async with database.opened(url) as sessions:
        async with sessions.begin() as db:
            assert [await inbox.first_sight(db, "$a", NOW) for _ in range(2)] == [True, False]
            await inbox.settle(db, "$a", False, NOW)
        async with sessions() as db:
            assert await inbox.understood(db, "$a") is False
            with pytest.raises(Exception, match="read-only"):
                await facts.put(db, "x", "y")


async def test_a_reader_sees_one_moment(url):
    async with database.opened(url) as sessions, sessions() as reader:
        assert await facts.get(reader, "new") is None
        async with sessions.begin() as db:
            await facts.put(db, "new", "x")
        assert await facts.get(reader, "new") is None


async def test_accounts_know_nothing_of_each_other(postgres, url):
    other = databases.with_account(postgres, f"@Bot-{secrets.token_hex(40)}:chat.example.org")
    file = course_file.read(SAMPLE.read_bytes(), RULES)
    async with database.opened(url) as one, database.opened(other) as two:
        async with one.begin() as db:
            await apply(db, file, NOW)
            async with two.begin() as elsewhere:  # nobody waits for them
                await facts.put(elsewhere, "mine", "x")
        async with one() as db:
            assert (len(await courses.every(db)), await facts.get(db, "mine")) == (1, None)
        async with two() as db:
            assert (await courses.every(db), await facts.get(db, "mine")) == ([], "x")


async def test_one_process_leads_until_it_ends_and_who_was_deposed_cannot_write(url):
    async with database.opened(url) as one, database.opened(url) as two:
        assert [await one.lead("one"), await two.lead("two")] == [True, False]
        assert [await one.still_leads(), await two.still_leads()] == [True, False]
        assert [one.sure(3), two.sure(3)] == [True, False]
        databases.query(url, GUARDS)
        assert await one.still_leads() is False
        assert await two.lead("two") is True
        with pytest.raises(Deposed):
            async with one.begin() as db:
                await facts.put(db, "late", "x")
        async with two.begin() as db:
            assert await facts.get(db, "late") is None
        await two.resign()
        assert await one.lead("again") is True


async def test_a_broken_connection_is_no_fault_of_what_was_done_there(url):
    async with database.opened(url) as sessions:
        with pytest.raises(Lost):
            await cut_off(sessions, url)
        async with sessions.begin() as db:
            assert await facts.get(db, "x") is None


async def cut_off(sessions, url):
    async with sessions.begin() as db:
        pid = await db.scalar(text("SELECT pg_backend_pid()"))
        databases.query(url, f"SELECT pg_terminate_backend({pid})")
        await facts.put(db, "x", "y")


def as_released(dump, url, file):
    """Schema 1 on PostgreSQL, with what stands in an SQLite file of that time."""
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(dump.read_text("utf-8"))
    name, *_ = postgresql.place(url)
    source, target = create_engine(f"sqlite:///{file}"), engine(url)
    theirs, ours = MetaData(), MetaData()
    theirs.reflect(source)
    with source.connect() as reading, target.begin() as writing:
        writing.execute(text(f'CREATE SCHEMA "{name}"'))
        for number in range(1, int(dump.stem[7:]) + 1):
            steps.step(writing, number)
        ours.reflect(writing)
        for table in ours.sorted_tables:
            rows = reading.execute(select(theirs.tables[table.name])).mappings().all()
            writing.execute(table.insert(), [dict(row) for row in rows])
    source.dispose()
    target.dispose()


@pytest.mark.parametrize("dump", RELEASED, ids=lambda dump: dump.stem)
async def test_an_upgraded_database_is_like_a_fresh_one(dump, postgres, url, tmp_path):
    as_released(dump, url, tmp_path / "old.db")
    fresh = databases.with_account(postgres, secrets.token_hex(4))
    async with database.opened(url) as sessions, database.opened(fresh):
        async with sessions() as db:
            assert await facts.get(db, schema.FACT) == str(schema.VERSION)
            assert len(await courses.every(db)) == 1
        assert columns(url) == columns(fresh)
        with engine(url).connect() as connection:
            assert differences(connection) == []


def columns(url):
    """Every column, what it holds when nothing is said, and whether it may hold nothing."""
    return databases.query(
        url,
        "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, "
        "replace(column_default, table_schema, '') FROM information_schema.columns "
        "WHERE table_schema = current_schema() ORDER BY 1, 2",
    )
