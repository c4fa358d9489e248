"""Open the database and hand out transactions."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from storage import schema

Sessions = async_sessionmaker[AsyncSession]


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Sessions]:
    """Create missing tables, then hand out transactions until the block ends.

    Raises `schema.TooNew` when a newer Kursbot has written this database.
    """
    engine = connect(url)
    try:
        await schema.prepare(engine)
        yield async_sessionmaker(engine, expire_on_commit=False, autoflush=False)
    finally:
        await engine.dispose()


def connect(url: str) -> AsyncEngine:
    """An engine whose every transaction takes the write lock first, so check-then-write is safe."""
    engine = create_async_engine(make_url(url))
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _configure)
        event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _configure(connection: Any, _: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "busy_timeout = 30000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    reading = connection.get_execution_options().get("readonly", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
