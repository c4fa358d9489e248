"""Open the database and hand out transactions."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from storage import schema, sqlite


@dataclass(frozen=True)
class Sessions:
    """`sessions.begin()` is a transaction that may write; `sessions()` only reads, and never waits.

    There is one writer at a time, and it knows that when it begins: check-then-write is safe.
    """

    reading: async_sessionmaker[AsyncSession]
    writing: async_sessionmaker[AsyncSession]

    def __call__(self) -> AsyncSession:
        """See the database as it is now."""
        return self.reading()

    def begin(self) -> AbstractAsyncContextManager[AsyncSession]:
        """Change it, committed at the end of the block, or not at all."""
        return self.writing.begin()


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Sessions]:
    """Create missing tables, then hand out transactions until the block ends.

    Raises `schema.TooNew` when a newer Kursbot has written this database.
    """
    writer = connect(url, sqlite.WRITE, pool_size=1, max_overflow=0)
    reader = connect(url, sqlite.READ)
    try:
        await schema.prepare(writer)
        yield Sessions(_sessions(reader), _sessions(writer))
    finally:
        await reader.dispose()
        await writer.dispose()


def _sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    return async_sessionmaker(engine, expire_on_commit=False, autoflush=False)


def connect(url: str, begin: str, **pool: int) -> AsyncEngine:
    """An engine whose transactions begin like this, where the database is SQLite."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        return create_async_engine(address)
    connection = partial(sqlite.Connection, address.database or "", begin)
    # Sessions end their transactions themselves; the pool would roll back once more.
    engine = create_async_engine(
        address, async_creator=connection, pool_reset_on_return=None, **pool
    )

    @event.listens_for(engine.sync_engine, "begin")
    def _(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
