"""A copy of the whole database as one SQLite file, whatever the database is, and back again.

So a backup made on SQLite can be restored into PostgreSQL, and the other way round.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Table, delete, func, insert, select
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from storage.database import opened
from storage.engine.postgresql import LEADER
from storage.models import Base, Course, Fact

NAMED: Final = {
    "courses": ("Kurs", "Kurse"),
    "people": ("Person", "Personen"),
    "ballots": ("Stimme", "Stimmen"),
    "attendance": ("Anwesenheit", "Anwesenheiten"),
}
"""What people hear of when a backup is described."""

ROWS: Final = 500
"""As many rows are copied at once."""

_LASTING: Final = Fact.name != LEADER
"""Which process works for an account is nothing that a backup could know."""


class Damaged(Exception):
    """The copy is not what it should be; the text says how, to people."""


class Missing(Exception):
    """There is no database to copy."""


async def take(url: str, file: Path) -> None:
    """Copy the database as it is at one moment, while others write. Raises `Missing`, `Damaged`."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        _vacuum(Path(address.database or ""), file)
        return
    async with opened(url) as source, opened(_sqlite(file)) as target:
        await _pour(source(), target.begin())


async def give(file: Path, url: str) -> None:
    """Fill an empty database from a copy of the present form. Raises `FileExistsError`."""
    async with opened(_sqlite(file)) as source, opened(url) as target:
        async with target() as db:
            if await db.scalar(select(Course.id).limit(1)) is not None:
                raise FileExistsError
        await _pour(source(), target.begin())


def counts(file: Path) -> dict[str, int]:
    """How many rows each table has. Raises `Damaged`."""
    try:
        with closing(sqlite3.connect(file)) as link:
            if (verdict := link.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
                raise Damaged(f"Die Datenbank ist beschädigt ({str(verdict)[:60]}).")
            if link.execute("PRAGMA foreign_key_check").fetchone():
                raise Damaged("In der Datenbank fehlen Zeilen, auf die andere verweisen.")
            tables = link.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            return {
                name: link.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
                for (name,) in tables
                if not name.startswith("sqlite_")
            }
    except sqlite3.DatabaseError as error:
        raise Damaged(f"Die Datenbank ist nicht lesbar ({error}).") from error


def told(tables: dict[str, int]) -> str:
    """1 Kurs, 16 Personen, 34 Stimmen, 120 Anwesenheiten."""
    return ", ".join(
        f"{tables.get(name, 0)} {one if tables.get(name) == 1 else many}"
        for name, (one, many) in NAMED.items()
    )


def _vacuum(database: Path, file: Path) -> None:
    """Unlike the bytes of the file, this has nothing of what was deleted."""
    if not database.exists():
        raise Missing(database)
    try:
        with closing(sqlite3.connect(database, timeout=30)) as link:
            link.execute("VACUUM INTO ?", (str(file),))
    except sqlite3.Error as error:
        raise Damaged(f"Die Datenbank lässt sich nicht kopieren ({error}).") from error


def _sqlite(file: Path) -> str:
    return f"sqlite:///{file}"


async def _pour(reading: Any, writing: Any) -> None:  # noqa: ANN401
    """All rows of all tables from one transaction into the other."""
    async with reading as source, writing as target:
        await target.execute(delete(Fact).where(_LASTING))
        for table in Base.metadata.sorted_tables:
            query = select(table).where(_LASTING) if table is Fact.__table__ else select(table)
            rows = [dict(row) for row in (await source.execute(query)).mappings()]
            for start in range(0, len(rows), ROWS):
                await target.execute(insert(table), rows[start : start + ROWS])
            await _count_on(target, table)


async def _count_on(db: AsyncSession, table: Table) -> None:
    """PostgreSQL does not see which numbers were given to rows."""
    key = table.autoincrement_column
    if db.sync_session.get_bind().dialect.name != "postgresql" or key is None:
        return
    highest = await db.scalar(select(func.max(key)))
    if highest is not None:
        sequence = func.pg_get_serial_sequence(table.name, key.name)
        await db.execute(select(func.setval(sequence, highest)))
