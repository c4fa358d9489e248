"""Whether it is worth asking the server for anything: many rooms must not try the same in vain."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from bot.obstacles import Away, Broken, Forbidden, Limited, Rejected, Unreachable, pause_after

PROBE_SECONDS = 600.0
"""While /sync fails, something else is tried so often: perhaps it is only that."""

DOUBT = 3
"""As many failures on a message (HTTP 500) in a row are the server's and not the messages'."""


@dataclass
class Line:
    """The line to the server. After a failure, one request at a time tries whether it is back.

    It is never closed before a first /sync came through: who signs in has reasons to try again.
    """

    deaf: bool = False
    """Whether /sync fails: that is tried anyway, by the reader."""

    _in_use: bool = False
    _failures: int = 0
    _closed_until: float = 0.0
    _doubtful: bool = False
    _testing: bool = False
    _change: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def closed(self) -> bool:
        """Whether nothing should be tried now."""
        return self._testing or _now() < self._closed_until

    async def opened(self) -> None:
        """Wait until something may be tried."""
        while self.closed:
            until = None if self._testing else self._closed_until
            with suppress(TimeoutError):
                async with asyncio.timeout_at(until):
                    await self._change.wait()

    @contextmanager
    def attempt(self, far: bool = False) -> Iterator[None]:
        """Try something in the block, if that is worth it. Raises `Away` or what the block does.

        What becomes of something `far` depends on other servers and says nothing about ours.
        """
        if self.closed:
            raise Away(self.opened)
        if far:
            yield
            return
        self._testing = testing = self._doubtful
        try:
            yield
            self._worked()
        except (Limited, Forbidden, Rejected):
            self._worked()
            raise
        except (Unreachable, Broken) as trouble:
            self._failed(isinstance(trouble, Broken))
            raise
        finally:
            if testing:
                self._testing = False
                self._changed()

    def heard(self) -> None:
        """A /sync came through: what the others held back for that reason may be tried."""
        self._in_use = True
        if self.deaf:
            self.deaf = False
            self._worked()
            self._changed()

    def silent(self) -> None:
        """A /sync failed: the others wait for it, unless they find out that it is only that."""
        if self._in_use and not self.deaf:
            self.deaf = self._doubtful = True
            self._closed_until = _now() + PROBE_SECONDS

    def _worked(self) -> None:
        self._failures, self._closed_until, self._doubtful = 0, 0.0, False

    def _failed(self, broken: bool) -> None:
        if not self._in_use or _now() < self._closed_until:
            return
        self._failures += 1
        if not broken or self._failures >= DOUBT:
            pause = PROBE_SECONDS if self.deaf else pause_after(self._failures)
            self._closed_until, self._doubtful = _now() + pause, True

    def _changed(self) -> None:
        self._change.set()
        self._change = asyncio.Event()


def _now() -> float:
    return asyncio.get_running_loop().time()
