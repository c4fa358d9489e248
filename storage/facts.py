"""Single values that the bot must not forget: how far it has read, which device it is."""

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Fact


async def get(db: AsyncSession, name: str) -> str | None:
    """The value, or None when it was never set."""
    return await db.scalar(select(Fact.value).where(Fact.name == name))


async def starting(db: AsyncSession, name: str) -> dict[str, str]:
    """All values whose names start so."""
    rows = await db.execute(select(Fact.name, Fact.value))
    return {key: value for key, value in rows if key.startswith(name)}


_TABLE = Fact.metadata.tables[Fact.__tablename__]
_FRESH = insert(_TABLE)
_PUT = _FRESH.on_conflict_do_update(index_elements=["name"], set_={"value": _FRESH.excluded.value})


async def put(db: AsyncSession, name: str, value: str) -> None:
    """Set the value."""
    await db.execute(_PUT, {"name": name, "value": value})
