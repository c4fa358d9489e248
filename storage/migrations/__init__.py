"""The steps from an older schema to today's."""

from sqlalchemy.ext.asyncio import AsyncEngine

from storage.models import Base


class TooNew(Exception):
    """The database was written by a newer Kursbot; this one must not touch it."""


async def upgrade(engine: AsyncEngine) -> None:
    """Create what is missing."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
