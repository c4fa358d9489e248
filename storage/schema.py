"""Which form of the tables this Kursbot reads and writes."""

from sqlalchemy.ext.asyncio import AsyncSession

from storage import facts
from storage.models import Base

VERSION = 1
"""Rises by one with every change of the tables; the step from the version before comes with it."""


FACT = "schema"
"""The fact that says which form this database has."""


class TooNew(Exception):
    """A newer Kursbot has written this database; an older one must not touch it."""


async def prepare(db: AsyncSession) -> None:
    """Create the tables of a fresh database. Raises `TooNew`."""
    await db.run_sync(lambda session: Base.metadata.create_all(session.connection()))
    found = await facts.get(db, FACT)
    if found is None:
        await facts.put(db, FACT, str(VERSION))
    elif int(found) > VERSION:
        raise TooNew(
            f"Die Datenbank stammt von einem neueren Kursbot (Fassung {found}, dieser kennt "
            f"{VERSION}). Bitte den neueren starten."
        )
