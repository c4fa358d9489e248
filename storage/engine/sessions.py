"""Transactions, wherever the database is: one writer at a time, and it knows that when it begins.

So check-then-write is safe.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession


class Lost(OperationalError):
    """The database could not be reached, or not to the end: all of it is worth another try."""


class Deposed(SQLAlchemyError):
    """Another process works for this account now; nothing was written."""


class Sessions(ABC):
    """`sessions.begin()` is a transaction that may write, `sessions()` only reads."""

    kind: type[AsyncSession] = AsyncSession
    _reader: Engine

    def __init__(self) -> None:
        self._closed = False
        self._turn = asyncio.Lock()

    @abstractmethod
    async def open(self) -> None:
        """Get ready; before that there are no transactions."""

    @abstractmethod
    def begin(self, *, lasting: bool = True) -> AbstractAsyncContextManager[AsyncSession]:
        """Change it, committed at the end of the block, or not at all.

        What is not `lasting` need not be waited for: a power cut may undo it, a crash does not.
        Raises `Lost`, also when it is unknown whether the commit arrived, or `Deposed`.
        """

    @abstractmethod
    async def close(self) -> None:
        """Close all connections, once nobody writes any more; nothing can be written after it."""

    async def wipe(self, *, copies: bool) -> bool:
        """Leave no trace in the files of what was deleted; whether that is done.

        Nor in the `copies` from before an upgrade, if those are meant, too. The files of a server
        are its operators' matter.
        """
        return True

    async def lead(self, who: str) -> bool:
        """Work for the account from now on, unless another process does; whether that is so.

        A file belongs to one process anyway.
        """
        return True

    async def still_leads(self) -> bool:
        """Whether no other process can have taken over."""
        return True

    def sure(self, seconds: float) -> bool:
        """Whether that was certain so many seconds ago."""
        return True

    async def resign(self) -> None:  # noqa: B027
        """Let another process work for the account."""

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[AsyncSession]:
        """See the database as it is when first asked."""
        db = self._session(self._reader)
        try:
            yield db
        finally:
            await db.close()

    def _session(self, engine: Engine) -> AsyncSession:
        db = self.kind(expire_on_commit=False, autoflush=False)
        db.sync_session.bind = engine
        return db
