"""A copy has every row, and none of what was deleted."""

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import delete, select, update

from storage import copies, database
from storage.models import Base, Meeting, Network


async def every(sessions):
    async with sessions() as db:
        return {
            table.name: sorted(map(repr, await db.execute(select(table))))
            for table in Base.metadata.sorted_tables
        }


async def test_all_rows_go_there_and_back(chat, tmp_path):
    await chat.loads()
    await chat.says("!biete Robotik")
    file, url = tmp_path / "copy", f"sqlite:///{tmp_path}/other.db"
    await copies.take(f"sqlite:///{tmp_path}/kursbot.db", file)
    await copies.give(file, url)
    async with database.opened(url) as sessions:
        there = await every(sessions)
    assert there == await every(chat.sessions)
    assert copies.counts(file) == {name: len(rows) for name, rows in there.items()}
    told = "1 Kurs, 16 Personen, 0 Stimmen, 64 Anwesenheiten"
    assert copies.told(copies.counts(file)) == told
    with pytest.raises(FileExistsError):
        await copies.give(file, url)


async def test_what_was_deleted_or_is_only_in_the_log_is_told_apart(chat, tmp_path):
    await chat.loads()
    async with chat.sessions.begin() as db:
        await db.execute(update(Meeting).values(topic="KANARIENVOGEL" * 40))
        await db.execute(update(Network).values(sentence="NOCH-DA"))
    async with chat.sessions.begin() as db:
        await db.execute(delete(Meeting))
    file = tmp_path / "copy"
    await copies.take(f"sqlite:///{tmp_path}/kursbot.db", file)
    content = file.read_bytes()
    assert (b"KANARIENVOGEL" in content, b"NOCH-DA" in content) == (False, True)


async def test_a_damaged_copy_is_known(chat, tmp_path):
    await chat.loads()
    file = tmp_path / "copy"
    await copies.take(f"sqlite:///{tmp_path}/kursbot.db", file)
    with closing(sqlite3.connect(file)) as link:
        link.execute("DELETE FROM courses")
        link.commit()
    with pytest.raises(copies.Damaged, match="auf die andere verweisen"):
        copies.counts(file)
    file.write_bytes(b"SQLite format 3\0" + b"?" * 5000)
    with pytest.raises(copies.Damaged):
        copies.counts(file)
