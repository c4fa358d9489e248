"""SQLite, in the thread of the event loop: a statement takes microseconds.

Handing it to another thread would take several times that. Only the disk is waited for elsewhere,
at a commit.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiosqlite
from sqlalchemy import Connection, Engine, StaticPool, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from storage.engine.sessions import Lost, Sessions

READ, WRITE = "BEGIN", "BEGIN IMMEDIATE"
"""How a transaction begins: one that may write takes the lock for that at once."""

PATIENCE = 30.0
"""Seconds to wait until another process, e.g. an import, has finished writing."""

PAUSE = 0.01
"""Seconds after which the lock is tried again."""


class InPlace(AsyncSession):
    """For a driver whose cursors need no waiting for, and have no word for it."""


def _directly(name: str) -> Callable[..., Awaitable[Any]]:
    """What a session does, without asking the driver to be patient."""

    async def call(self: AsyncSession, *args: Any, **options: Any) -> Any:  # noqa: ANN401
        return getattr(self.sync_session, name)(*args, **options)

    return call


_READING = ("execute", "scalar", "scalars", "get", "get_one")
for _name in ("connection", *_READING, "flush", "commit", "close"):
    setattr(InPlace, _name, _directly(_name))


class File(Sessions):
    """Transactions on an SQLite file."""

    kind = InPlace

    def __init__(self, url: str) -> None:
        super().__init__()
        self._reader, self._writer = _engine(url, READ), _engine(url, WRITE)
        self._disk: aiosqlite.Connection | None = None
        self._file: Any = None
        self._careful = True

    async def open(self) -> None:
        """Start the thread that waits for the disk."""
        with self._writer.connect() as link:
            self._file = link.connection.driver_connection
        self._disk = await aiosqlite.Connection(lambda: self._file, iter_chunk_size=64)

    @asynccontextmanager
    async def begin(self, *, lasting: bool = True) -> AsyncIterator[AsyncSession]:
        """As `Sessions.begin`."""
        await asyncio.sleep(0)  # nothing else here lets others have a turn
        async with self._turn:
            if self._closed:
                raise OperationalError(WRITE, None, sqlite3.ProgrammingError("closed"))
            self._care(lasting)
            db = await self._begun()
            try:
                yield db
                await (self._commit(db) if lasting else db.commit())
            finally:
                await db.close()

    def _care(self, lasting: bool) -> None:
        """Whether the next commit waits for the disk."""
        if self._file is not None and lasting is not self._careful:
            self._file.execute(f"PRAGMA synchronous = {'FULL' if lasting else 'NORMAL'}")
            self._careful = lasting

    async def _begun(self) -> AsyncSession:
        """A session that has the lock; `Lost` if another process keeps it."""
        waited = 0.0
        while True:
            db = self._session(self._writer)
            try:
                await db.connection()
                return db
            except OperationalError as error:
                await db.close()
                if not _busy(error):
                    raise
                if waited > PATIENCE:
                    raise Lost(WRITE, None, error) from error
            await asyncio.sleep(PAUSE)
            waited += PAUSE

    async def _commit(self, db: AsyncSession) -> None:
        """Wait until it is on the disk, even when cancelled: nobody else may write meanwhile."""
        await db.flush()
        if self._disk is not None:
            writing = asyncio.ensure_future(self._disk.commit())
            try:
                await asyncio.shield(writing)
            except asyncio.CancelledError:
                await writing
                raise
        await db.commit()

    async def wipe(self, *, copies: bool) -> bool:
        """As `Sessions.wipe`; False while somebody reads the files."""
        async with self._turn:
            if self._file is None or self._closed:
                return True
            try:
                for copy in self._copies() if copies else ():
                    copy.unlink(missing_ok=True)
                busy, *_ = self._file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except (sqlite3.Error, OSError):
                return False
            return not busy

    def _copies(self) -> Iterable[Path]:
        """What `storage.engine.upgrading` has left beside the database."""
        file = Path(str(self._writer.url.database))
        return file.parent.glob(f"{file.name}.schema-*")

    async def close(self) -> None:
        """As `Sessions.close`."""
        async with self._turn:
            self._closed = True
            if self._disk is not None:
                await self._disk.close()
            self._disk = self._file = None
            self._reader.dispose()
            self._writer.dispose()


def _engine(url: str, begin: str) -> Engine:
    # Sessions end their transactions themselves, the pool need not roll back once more.
    pool: dict[str, Any] = {"poolclass": StaticPool} if begin == WRITE else {"max_overflow": -1}
    file = make_url(url).set(drivername="sqlite")
    engine = create_engine(
        file, connect_args={"check_same_thread": False}, pool_reset_on_return=None, **pool
    )

    @event.listens_for(engine, "connect")
    def _(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout = {0 if begin == WRITE else int(PATIENCE * 1000)}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "secure_delete = ON",
            f"query_only = {begin == READ}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        link: Any = connection.connection.driver_connection
        try:
            link.execute(begin)  # in a tenth of the time that a statement of SQLAlchemy takes
        except sqlite3.OperationalError as error:
            raise OperationalError(begin, None, error) from error

    return engine


def _busy(error: OperationalError) -> bool:
    code = getattr(error.orig, "sqlite_errorcode", 0)
    return code & 0xFF == sqlite3.SQLITE_BUSY
