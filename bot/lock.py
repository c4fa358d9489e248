"""One process for each data folder."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRunning(Exception):
    """Another Kursbot works on this data folder, or as this device."""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; it falls with the process, however that ends."""
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyRunning(f"In {folder} arbeitet schon ein Kursbot.") from error
        yield
