"""Which form of the tables this Kursbot reads and writes."""

from sqlalchemy import Connection, insert, inspect
from sqlalchemy.ext.asyncio import AsyncSession

from storage import facts
from storage.models import Base, Fact

VERSION = 2
"""Rises by one with the first change of the tables after a release: see `storage/migrations`."""

FACT = "schema"
"""The fact that says which form this database has."""


class TooNew(Exception):
    """A newer Kursbot has written this database; an older one must not touch it."""


async def prepare(db: AsyncSession) -> int:
    """The form of the tables; of a fresh database they are created. Raises `TooNew`."""
    await db.run_sync(lambda session: create(session.connection()))
    return check(await facts.get(db, FACT))


def check(found: str | None) -> int:
    """The form as a number, if this Kursbot can read it or bring it to its own. `TooNew` else."""
    form = int(found or 1)
    if form > VERSION:
        raise TooNew(
            f"Die Datenbank stammt von einem neueren Kursbot (Fassung {form}, dieser kennt "
            f"{VERSION}). Bitte den neueren starten."
        )
    return form


def create(connection: Connection) -> None:
    """Create all tables unless there are some."""
    if not inspect(connection).has_table(Fact.__tablename__):
        Base.metadata.create_all(connection)
        connection.execute(insert(Fact).values(name=FACT, value=str(VERSION)))
