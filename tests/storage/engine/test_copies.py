"""A copy has every row, and none of what was deleted."""

import secrets
import sqlite3
from contextlib import closing
from datetime import date

import pytest
from sqlalchemy import delete, select, update

from storage import database
from storage.engine import copies
from storage.models import Base, Break, Meeting, Network
from tests import databases

TODAY = date(2026, 11, 24)


async def every(sessions):
    async with sessions() as db:
        found = {t.name: await db.execute(select(t)) for t in Base.metadata.sorted_tables}
    rows = {name: sorted(map(repr, rows)) for name, rows in found.items()}
    return rows | {"facts": [row for row in rows["facts"] if "leader" not in row]}


async def test_all_rows_go_there_and_back(chat, tmp_path, postgres):
    """From one kind of database to the other."""
    await chat.loads()
    await chat.says("!biete Robotik")
    name = f"@bot-{secrets.token_hex(4)}:chat.example.org"
    file, back, url = tmp_path / "copy", tmp_path / "back", databases.with_account(postgres, name)
    await copies.take(databases.of(tmp_path / "kursbot.db"), file)
    await copies.give(file, url)
    async with database.opened(url) as sessions:
        there = await every(sessions)
        assert there == await every(chat.sessions)
        async with sessions.begin() as db:  # numbers go on behind those that were given
            db.add(Break(course_id=chat.course.id, name="x", first=TODAY, last=TODAY, typed=True))
    with pytest.raises(FileExistsError):
        await copies.give(file, url)
    await copies.take(url, back)
    assert copies.counts(back) == copies.counts(file) | {"breaks": len(there["breaks"]) + 1}
    told = "1 Kurs, 16 Personen, 0 Stimmen, 64 Anwesenheiten"
    assert copies.told(copies.counts(back)) == told


async def test_what_was_deleted_or_is_only_in_the_log_is_told_apart(chat, tmp_path):
    await chat.loads()
    async with chat.sessions.begin() as db:
        await db.execute(update(Meeting).values(topic="KANARIENVOGEL" * 40))
        await db.execute(update(Network).values(sentence="NOCH-DA"))
    async with chat.sessions.begin() as db:
        await db.execute(delete(Meeting))
    file = tmp_path / "copy"
    await copies.take(databases.of(tmp_path / "kursbot.db"), file)
    content = file.read_bytes()
    assert (b"KANARIENVOGEL" in content, b"NOCH-DA" in content) == (False, True)


async def test_a_damaged_copy_is_known(chat, tmp_path):
    await chat.loads()
    file = tmp_path / "copy"
    await copies.take(databases.of(tmp_path / "kursbot.db"), file)
    with closing(sqlite3.connect(file)) as link:
        link.execute("DELETE FROM courses")
        link.commit()
    with pytest.raises(copies.Damaged, match="auf die andere verweisen"):
        copies.counts(file)
    file.write_bytes(b"SQLite format 3\0" + b"?" * 5000)
    with pytest.raises(copies.Damaged):
        copies.counts(file)
