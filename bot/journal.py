"""The journal of erasures as a file: a restored backup must not bring back who was erased since."""

import logging
from dataclasses import dataclass, field
from pathlib import Path

from bot import private
from storage import erasures
from storage.database import Sessions

log = logging.getLogger(__name__)


@dataclass
class Journal:
    """Beside the database or far from it; never older than the database by more than seconds."""

    path: Path
    sessions: Sessions
    _kept: list[str] = field(default_factory=list)
    _usable: bool = True

    async def open(self) -> None:
        """Erase again whom the file names and the database does not: that is an old copy."""
        try:
            self._kept = self.path.read_text(encoding="utf-8").splitlines()
            async with self.sessions.begin() as db:
                count = await erasures.again(db, self._kept)
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:  # nothing is written over it
            log.error("the journal of erasures cannot be read: %s", type(error).__name__)
            self._usable = False
            return
        if count:
            log.warning("%s erasures were repeated: the database is older than its journal", count)

    async def keep(self) -> None:
        """Write the file if somebody was erased; what cannot be written now is tried again."""
        async with self.sessions() as db:
            lines = await erasures.journal(db)
        if not self._usable or lines == self._kept:
            return
        try:
            private.write(self.path, "".join(f"{line}\n" for line in lines))
        except OSError as error:
            log.error("cannot write the journal of erasures: %s", error.strerror)
            return
        self._kept = lines
