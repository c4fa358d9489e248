"""SQLite without a thread for every call: only what may have to wait leaves the event loop."""

import asyncio
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

PAUSE = 0.01
"""Seconds after which the lock is tried again."""


class Connection(aiosqlite.Connection):
    """Statements run in place, in microseconds; only the disk is waited for in a thread.

    A thread for each of the five calls that a statement takes would cost ten times the statement.
    """

    def __init__(self, file: str, begin: str) -> None:
        super().__init__(lambda: _connect(file, begin), iter_chunk_size=64)
        self._reads = begin == READ

    async def _execute(self, fn: Callable[..., T], *args: object, **kwargs: object) -> T:
        if args[:1] == (WRITE,):
            return await _patiently(fn, *args)
        statement = isinstance(getattr(fn, "__self__", None), sqlite3.Cursor)
        if self._reads or statement or fn == self._conn.cursor:
            return fn(*args, **kwargs)
        result: T = await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
        return result


async def _patiently(fn: Callable[..., T], *args: object) -> T:
    """Take the lock at once or, when another process has it, as soon as that lets go."""
    waited = 0.0
    while True:
        try:
            return fn(*args)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or waited > PATIENCE:
                raise
            await asyncio.sleep(PAUSE)
            waited += PAUSE


def _connect(file: str, begin: str) -> sqlite3.Connection:
    """A connection that leaves transactions to its user; one that reads cannot write."""
    connection = sqlite3.connect(
        file, timeout=PATIENCE, isolation_level=None, check_same_thread=False
    )
    for pragma in (*PRAGMAS, f"query_only = {begin == READ}"):
        connection.execute(f"PRAGMA {pragma}")
    if begin == WRITE:
        connection.execute("PRAGMA busy_timeout = 0")
    return connection
