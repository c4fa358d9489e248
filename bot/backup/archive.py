"""The file of a backup: a zip with its contents, and a manifest by which it can be verified.

Never in it: the key store, whose old copies do harm, and anything that opens the account.
"""

import hashlib
import json
import os
import zipfile
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

DATABASE, IDENTITY, SETTINGS = "kursbot.db", "cross_signing.json", "config.toml"
CONTENTS = (DATABASE, IDENTITY, SETTINGS)
MANIFEST = "manifest.json"
FORMAT = 1


class NoBackup(Exception):
    """The file is no backup, or it is damaged; the text says so, to people."""


@dataclass(frozen=True)
class Manifest:
    """What is in a backup: rows by table, SHA-256 by file; `made` is a moment in ISO 8601."""

    kursbot: str
    made: str
    account: str
    tables: dict[str, int]
    files: dict[str, str]
    format: int = FORMAT

    @property
    def moment(self) -> datetime:
        """When it was made."""
        return datetime.fromisoformat(self.made)

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Raises `ValueError` and `TypeError` where this is none."""
        found = cls(**json.loads(data))
        if found.format != FORMAT:
            raise ValueError
        datetime.fromisoformat(found.made)
        return found


def pack(file: Path, folder: Path, manifest: Manifest) -> None:
    """Write the files of a folder that the manifest names into one, down to the disk."""
    with file.open("xb") as out:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
            for name in manifest.files:
                packed.write(folder / name, name)
        out.flush()
        os.fsync(out.fileno())


def unpack(file: Path, folder: Path) -> Manifest:
    """Verify a backup and put its files into a folder. Raises `NoBackup` and `OSError`."""
    try:
        with zipfile.ZipFile(file) as packed:
            manifest = Manifest.read(packed.read(MANIFEST))
            for name in CONTENTS:
                if name in manifest.files:
                    packed.extract(name, folder)
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, EOFError) as error:
        raise NoBackup(f"{file} ist keine Sicherung von Kursbot oder beschädigt.") from error
    wrong = [name for name, digest in manifest.files.items() if _differs(folder / name, digest)]
    if wrong or DATABASE not in manifest.files:
        raise NoBackup(f"{file} ist beschädigt: {', '.join(wrong) or DATABASE} stimmt nicht.")
    return manifest


def digest(file: Path) -> str:
    """The SHA-256 of a file."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _differs(file: Path, wanted: str) -> bool:
    return not file.is_file() or digest(file) != wanted
