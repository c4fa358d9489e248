"""Who was erased stays erased: after a restored backup, and after another import."""

from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select

from storage import database, erasures, own_data, polls
from storage.models import Attendance, Base, Entry, Network, Person, Poll

ME, KEY = "@tn02:chat.example.org", "tn02"
PROFILE = ("!biete Kanarienvögel", "ja")


@pytest.fixture
async def cohort(chat):
    await chat.loads()
    for typed in PROFILE:
        chat.now += timedelta(seconds=20)
        await chat.says(typed)
    return chat


@asynccontextmanager
async def restored(rows, folder):
    """A database with these rows, as another machine gets it from a backup."""
    async with database.opened(f"sqlite+aiosqlite:///{folder}/backup.db") as sessions:
        async with sessions.begin() as db:
            for table in Base.metadata.sorted_tables:
                await db.execute(delete(table))
                if rows[table.name]:
                    await db.execute(insert(table), rows[table.name])
        yield sessions


async def backup(chat):
    async with chat.sessions() as db:
        found = {t.name: await db.execute(select(t)) for t in Base.metadata.sorted_tables}
    return {name: [dict(row) for row in rows.mappings()] for name, rows in found.items()}


async def test_a_restored_backup_forgets_again_what_was_erased_since(cohort, tmp_path):
    rows = await backup(cohort)
    for typed in ("!loeschen", "LÖSCHEN"):
        await cohort.says(typed)
    async with cohort.sessions.begin() as db:
        person = await db.scalar(select(Person).where(Person.key == "tn03"))
        assert await erasures.erase_all(db, cohort.course, person, cohort.now) > 4
        journal = await erasures.journal(db)
    assert len(journal) == 2
    assert not any(name in "".join(journal) for name in (ME, "tn02", "tn03", "nk-2026"))
    async with restored(rows, tmp_path) as sessions:
        async with sessions.begin() as db:
            assert len((await db.scalars(select(Entry))).all()) == 1
            assert await erasures.again(db, journal) == 2
        async with sessions.begin() as db:
            assert (await db.scalars(select(Entry))).all() == []
            assert await db.scalar(select(Person.key).where(Person.key == KEY)) == KEY
            assert await db.scalar(select(Person).where(Person.key == "tn03")) is None
            assert await db.scalar(select(Network).where(Network.key == "hafenbogen")) is None
            missed = select(Attendance).where(Attendance.person == "tn03")
            assert (await db.scalars(missed)).all() == []
            assert await erasures.again(db, journal) == 0


async def test_what_somebody_enters_after_an_erasure_survives_the_journal(cohort, tmp_path):
    for typed in ("!loeschen", "LÖSCHEN", *PROFILE):
        cohort.now += timedelta(seconds=20)
        await cohort.says(typed)
    async with cohort.sessions() as db:
        journal = await erasures.journal(db)
    async with restored(await backup(cohort), tmp_path) as sessions, sessions.begin() as db:
        assert await erasures.again(db, journal) == 0
        assert [row.text for row in await db.scalars(select(Entry))] == ["Kanarienvögel"]


async def test_lines_that_are_no_journal_are_refused(cohort):
    async with cohort.sessions.begin() as db:
        for line in ("{}", "x", '{"at": "x", "scope": "alles", "salt": "", "digest": ""}'):
            with pytest.raises(ValueError, match=r".+"):
                await erasures.again(db, [line])
        assert await erasures.again(db, ["", "\n"]) == 0


async def test_nobody_comes_back_with_the_course_file(cohort):
    async with cohort.sessions.begin() as db:
        person = await db.scalar(select(Person).where(Person.key == KEY))
        await erasures.erase_all(db, cohort.course, person, cohort.now)
    assert await cohort.loads() == []
    async with cohort.sessions() as db:
        assert ME not in await own_data.accounts(db)
        assert len(await own_data.accounts(db)) == 14


async def test_a_poll_that_is_over_keeps_its_sums(cohort):
    cohort.at("2026-12-01 10:00")
    await cohort.says("!stimme 3")
    await cohort.says("!stimme 2", by="tn03")
    cohort.at("2026-12-11 12:05")
    async with cohort.sessions.begin() as db:
        person = await db.scalar(select(Person).where(Person.key == KEY))
        await erasures.erase_all(db, cohort.course, person, cohort.now)
        poll = await polls.election(db, cohort.course)
    async with cohort.sessions() as db:
        found = await polls.tally(db, await db.get_one(Poll, poll.id))
    assert (found.voters, found.entitled, found.votes) == (2, 16, {1: 0, 2: 1, 3: 1, 4: 0})
