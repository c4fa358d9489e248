"""PostgreSQL behind the same transactions: several processes share one database.

Each account has a schema of its own in it, named after it: its courses, what it has read and what
it has to say. So accounts never wait for each other, and none sees what another one knows.

Whoever may write locks one row of the account first, as `BEGIN IMMEDIATE` does with SQLite: there
is one writer at a time, each statement sees all that was committed before, and no transaction can
fail because of another one. The row says who leads, i.e. works for the account: whoever does not
any more finds out before writing anything.
"""

import hashlib
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from sqlalchemy import URL, Connection, make_url, text
from sqlalchemy.dialects.sqlite.dml import OnConflictDoNothing, OnConflictDoUpdate
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, create_async_engine
from sqlalchemy.ext.compiler import compiles

from storage.engine import schema
from storage.engine.sessions import Deposed, Lost, Sessions

LEADER = "leader"
"""The fact that says which process works for the account."""

TOLD = 3.0
"""Seconds after its last word for which the server is taken to be there."""

SETTINGS = {
    "lock_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",
    # A machine that is gone is noticed after 7 s; until then it keeps its lock.
    "tcp_keepalives_idle": "3",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "2",
}

_TURN = text(
    "SELECT set_config('synchronous_commit', :waits, true), value FROM facts "
    "WHERE name = 'leader' FOR UPDATE"
)
_LEADS = text("SELECT value FROM facts WHERE name = 'leader'")
CROWN = text("UPDATE facts SET value = :who WHERE name = 'leader'")
_FIRST = text("INSERT INTO facts (name, value) VALUES ('leader', '') ON CONFLICT DO NOTHING")
_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended('kursbot/' || :name, 1))")
_TRY = text("SELECT pg_try_advisory_lock(hashtextextended('kursbot/' || :name, 2))")
_UNLOCK = text("SELECT pg_advisory_unlock_all()")
_KNOWN = text("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = :name)")


class Shared(Sessions):
    """Transactions on one account's part of the database."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._name, address, arguments = place(url)
        self._engine = create_async_engine(address, connect_args=arguments, pool_pre_ping=True)
        self._reader = self._engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        ).sync_engine
        self._guard: AsyncConnection | None = None
        self._who = ""
        self._certain = 0.0

    async def open(self) -> None:
        """Make the account's part of the database, if there is none yet."""
        async with self._engine.begin() as link:
            await link.run_sync(settle, self._name)

    @asynccontextmanager
    async def begin(self, *, lasting: bool = True) -> AsyncIterator[AsyncSession]:
        """As `Sessions.begin`. Raises `Lost` when the connection breaks, `Deposed` as it says."""
        async with self._turn:
            if self._closed:
                raise OperationalError("BEGIN", None, Exception("closed"))
            db = self._session(self._engine.sync_engine)
            try:
                await self._take_turn(db, lasting)
                yield db
                await db.commit()
            except DBAPIError as error:
                if error.connection_invalidated:
                    raise Lost("COMMIT", None, error) from error
                raise
            finally:
                await db.close()

    async def _take_turn(self, db: AsyncSession, lasting: bool) -> None:
        try:
            row = (await db.execute(_TURN, {"waits": "on" if lasting else "off"})).one()
        except OperationalError as error:
            raise Lost("BEGIN", None, error) from error
        if self._who not in ("", row.value):
            raise Deposed(row.value)

    async def lead(self, who: str) -> bool:
        """Work for the account from now on, unless another process does; whether that is so."""
        await self.resign()
        guard = await self._engine.connect()
        try:
            await guard.execution_options(isolation_level="AUTOCOMMIT")
            if await guard.scalar(_TRY, {"name": self._name}):
                await guard.execute(CROWN, {"who": who})
                self._guard, self._who, self._certain = guard, who, time.monotonic()
                return True
        finally:
            if self._guard is None:
                await guard.close()
        return False

    async def still_leads(self) -> bool:
        """Whether the lock is held; it falls with the connection, however that ends."""
        asked = time.monotonic()
        try:
            if self._guard is None or await self._guard.scalar(_LEADS) != self._who:
                return False
        except SQLAlchemyError:
            return False
        self._certain = asked
        return True

    def sure(self, seconds: float) -> bool:
        """As `Sessions.sure`."""
        return time.monotonic() - self._certain < seconds

    async def resign(self) -> None:
        """Let another process work for the account."""
        guard, self._guard, self._who = self._guard, None, ""
        if guard is not None:
            with suppress(SQLAlchemyError):
                if self.sure(TOLD):
                    await guard.execute(_UNLOCK)
                await guard.invalidate()  # the lock falls with the connection, too
            await guard.close()

    async def close(self) -> None:
        """As `Sessions.close`."""
        async with self._turn:
            self._closed = True
            await self.resign()
            await self._engine.dispose()


def place(url: str) -> tuple[str, URL, dict[str, Any]]:
    """The schema of the account that the address names, the bare address, and how to connect."""
    address = make_url(url)
    account = str(address.query.get("account", "kursbot"))
    name = re.sub(r"^@", "", account)
    if not re.fullmatch(r"[a-z0-9._=/+:-]{1,63}", name):
        name = f"kursbot-{hashlib.sha256(account.encode()).hexdigest()[:32]}"
    settings = {"search_path": f'"{name}"', **SETTINGS}
    options = " ".join(f"-c {key}={value}" for key, value in settings.items())
    arguments = {"options": options, "connect_timeout": 10, "application_name": "kursbot"}
    bare = address.difference_update_query(["account"])
    return name, bare, {k: v for k, v in arguments.items() if k not in bare.query}


def settle(connection: Connection, name: str) -> None:
    """Create the schema and its tables, while no other process does."""
    connection.execute(_ALONE, {"name": name})
    if not connection.scalar(_KNOWN, {"name": name}):
        connection.execute(text(f'CREATE SCHEMA "{name}"'))
    schema.create(connection)
    connection.execute(_FIRST)


@compiles(OnConflictDoNothing, "postgresql")
@compiles(OnConflictDoUpdate, "postgresql")
def _(clause: Any, compiler: Any, **options: Any) -> str:  # noqa: ANN401
    """Both speak of conflicts in the same words; SQLite's names no constraint."""
    clause.constraint_target = None
    said: str = getattr(compiler, f"visit_{clause.__visit_name__}")(clause, **options)
    return said
