"""Open the database: a file of its own, or a part of one that several processes share."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import make_url

from storage.engine import schema
from storage.engine.sessions import Deposed, Lost, Sessions
from storage.engine.sqlite import File

__all__ = ["Deposed", "Lost", "Sessions", "opened"]


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Sessions]:
    """Create the tables or bring them up to date, then hand out transactions until the block ends.

    On a server, the address says in its query whose part is meant: `?account=@kursbot:…`. Raises
    `schema.TooNew` when a newer Kursbot has written this database.
    """
    sessions = _sessions(url)
    try:
        await sessions.open()
        async with sessions.begin() as db:
            form = await schema.prepare(db)
        if form < schema.VERSION:
            from storage.engine import upgrading  # noqa: PLC0415 - alembic, once in a release

            upgrading.upgrade(url)  # nobody else has anything to do yet
        yield sessions
    finally:
        await sessions.close()


def _sessions(url: str) -> Sessions:
    if make_url(url).get_backend_name() == "sqlite":
        return File(url)
    from storage.engine.postgresql import Shared  # noqa: PLC0415 - 8 MiB that a file does not need

    return Shared(url)
