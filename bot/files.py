"""Read a file that an organiser has put into a room, in a process of its own that may fail.

What is in a file is for nobody to trust: it may be large, deep or packed a thousandfold. So it is
read where time and memory are limited, and what comes back is only what was looked for.
"""

import asyncio
import importlib
import sys
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bot.obstacles import Broken, Forbidden, Rejected, Unreachable
from commands import Contents, UserError, Wanted
from storage.course_files import course_reading

LARGEST: Final = 1_000_000
"""Bytes of a list or a course file."""

SECONDS: Final = 10.0
"""After so long the reading process is ended; by itself it takes 5 s of the processor at most."""

_ROOT: Final = Path(__file__).parents[1]
_LOST: Final = "Die Datei ließ sich gerade nicht laden. Bitte gleich noch einmal versuchen."
_LARGE: Final = "Die Datei ist größer als 1 MB, so lese ich sie nicht. Es hat sich nichts geändert."
_DAMAGED: Final = "Die Datei kam beschädigt an. Bitte noch einmal hochladen."
_HOPELESS: Final = (
    "Die Datei ließ sich nicht lesen: zu groß, zu verschachtelt oder beschädigt. "
    "Bitte neu speichern, am besten als CSV, und noch einmal hochladen."
)


class TooLarge(Exception):
    """The file has more bytes than were asked for."""


class Damaged(Exception):
    """The file is not what was encrypted."""


Fetch = Callable[[Mapping[str, Any], int], Awaitable[bytes]]
"""Brings a file from where it is, at most so many bytes of it."""


async def nowhere(source: Mapping[str, Any], most: int) -> bytes:
    """There is no homeserver."""
    raise Unreachable("no homeserver")


@dataclass
class Files:
    """`rules` are the names that a course file may use for schedules."""

    fetch: Fetch = nowhere
    rules: Collection[str] = ()
    seconds: float = SECONDS

    async def read(self, wanted: Wanted) -> Contents:
        """What is in the file that a command wants.

        Raises `UserError` with what the organisers should know, and nothing else.
        """
        data = await self._fetched(wanted)
        said = await self._understood(wanted.kind, data)
        if not said.startswith("+"):
            raise UserError(said or _HOPELESS)
        if wanted.kind == course_reading.KIND:
            await asyncio.to_thread(importlib.import_module, "storage.course_files.imports")
        return Contents(wanted.upload.id, wanted.kind, said[1:])

    async def _fetched(self, wanted: Wanted) -> bytes:
        if wanted.upload.source["info"].get("size", 0) > LARGEST:
            raise UserError(_LARGE)
        try:
            return await self.fetch(wanted.upload.source, LARGEST)
        except TooLarge:
            raise UserError(_LARGE) from None
        except Damaged:
            raise UserError(_DAMAGED) from None
        except (Unreachable, Broken, Forbidden, Rejected):
            raise UserError(_LOST) from None

    async def _understood(self, kind: str, data: bytes) -> str:
        """What the reading process says; empty if it did not get that far."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "bot.sandbox", kind, *sorted(self.rules)),
            env={"PYTHONPATH": str(_ROOT)},
            cwd="/",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(self.seconds):
                said, _ = await process.communicate(data)
        except TimeoutError:
            return ""
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        return said.decode(errors="replace") if process.returncode == 0 else ""
