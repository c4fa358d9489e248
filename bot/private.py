"""Files that nobody but the bot may read: written whole, and made private again at every start."""

import os
import shutil
import stat
from pathlib import Path

FILE_MODE, FOLDER_MODE = 0o600, 0o700


OURS = ("kursbot.db", "keys", "session.json", "lock", "erasures.jsonl")
"""How the names of everything in a data folder begin."""


class NotOurs(Exception):
    """Something in the data folder belongs to another account of the machine."""


def write(path: Path, text: str) -> None:
    """Replace the file so that a power cut leaves the old one or the new one.

    Raises `OSError`; the old one is still there then.
    """
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    with os.fdopen(file, "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(file)
    fresh.replace(path)
    _remember(path.parent)


def settle(file: Path, path: Path) -> None:
    """Move a finished file to its place, also on another disk, replacing what was there.

    Raises `OSError`; what was there is still there then.
    """
    fresh = path.with_name(f"{path.name}.new")
    try:
        with file.open("rb") as content:
            target = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE)
            with os.fdopen(target, "wb") as out:
                shutil.copyfileobj(content, out)
                out.flush()
                os.fsync(target)
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    _remember(path.parent)


def _remember(folder: Path) -> None:
    """What was done in a folder is on the disk."""
    place = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(place)
    finally:
        os.close(place)


def claim(folder: Path) -> None:
    """Make this the data folder of a bot, unless it is there for something else: `NotOurs`."""
    for file in folder.iterdir() if folder.is_dir() else ():
        if not file.name.startswith(OURS):
            raise NotOurs(
                f"{folder} ist nicht leer und kein Datenordner ({file.name}): einen eigenen nehmen."
            )
    repair(folder)


def repair(folder: Path) -> None:
    """Make the folder, if need be, and close it and all that is in it to everybody else.

    What a link points to is left alone. Raises `NotOurs`.
    """
    folder = folder.resolve()
    if folder.exists() and not folder.is_dir():
        raise NotOurs(f"{folder} ist kein Ordner: data.folder in den Einstellungen ändern.")
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    _close(folder)
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            _close(Path(place) / name)


def open_to_others(path: Path) -> bool:
    """Whether every account of the machine may read the file."""
    return bool(path.stat().st_mode & stat.S_IROTH)


def _close(path: Path) -> None:
    """The bot may read and write it, nobody else anything; what can be run stays so."""
    found = path.lstat()
    if not (stat.S_ISDIR(found.st_mode) or stat.S_ISREG(found.st_mode)):
        return
    if found.st_uid != os.geteuid():
        raise NotOurs(
            f"{path} gehört einem anderen Konto dieses Rechners: den Bot unter jenem Konto "
            "starten oder den Datenordner ihm geben (chown -R)."
        )
    mode = stat.S_IMODE(found.st_mode)
    private = mode & FOLDER_MODE | (FOLDER_MODE if stat.S_ISDIR(found.st_mode) else FILE_MODE)
    if mode != private:
        path.chmod(private)
