"""Which form of the tables this Kursbot reads and writes."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.models import Base, Fact

VERSION = 1
"""Rises by one with every change of the tables; the step from the version before comes with it."""


class TooNew(Exception):
    """A newer Kursbot has written this database; an older one must not touch it."""


async def prepare(engine: AsyncEngine) -> None:
    """Create the tables of a fresh database. Raises `TooNew`."""
    version = select(Fact.value).where(Fact.name == "schema")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        found = (await connection.execute(version)).scalar()
        if found is None:
            fresh = Fact.metadata.tables["facts"].insert()
            await connection.execute(fresh.values(name="schema", value=str(VERSION)))
        elif int(found) > VERSION:
            raise TooNew(
                f"Die Datenbank stammt von einem neueren Kursbot (Fassung {found}, dieser kennt "
                f"{VERSION}). Bitte den neueren starten."
            )
