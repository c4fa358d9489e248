"""SQLite without a thread for every call: only what may have to wait leaves the event loop."""

import sqlite3
from collections.abc import Callable
from typing import TypeVar

import aiosqlite

T = TypeVar("T")

READ, WRITE = "BEGIN", "BEGIN IMMEDIATE"
"""How a transaction begins: one that may write waits until no other one can."""

PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON")
PATIENCE = 30.0
"""Seconds to wait for another process, e.g. an import, to end its transaction."""


class Connection(aiosqlite.Connection):
    """Statements run in place, in microseconds; waiting for the lock and the disk does not.

    A thread for each of the five calls that a statement takes would cost ten times the statement.
    """

    def __init__(self, file: str, begin: str) -> None:
        super().__init__(lambda: _connect(file, begin), iter_chunk_size=64)
        self._reads = begin == READ

    async def _execute(self, fn: Callable[..., T], *args: object, **kwargs: object) -> T:
        statement = isinstance(getattr(fn, "__self__", None), sqlite3.Cursor)
        if self._reads or fn == self._conn.cursor or (statement and args[:1] != (WRITE,)):
            return fn(*args, **kwargs)
        result: T = await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
        return result


def _connect(file: str, begin: str) -> sqlite3.Connection:
    """A connection that leaves transactions to its user; one that reads cannot write."""
    connection = sqlite3.connect(
        file, timeout=PATIENCE, isolation_level=None, check_same_thread=False
    )
    for pragma in (*PRAGMAS, f"query_only = {begin == READ}"):
        connection.execute(f"PRAGMA {pragma}")
    return connection
