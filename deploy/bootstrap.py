"""Fills .venv from the pinned, hashed requirements with nothing but the machine's own python3.

Every verb of the Makefile runs this first; a stamp inside .venv tells in milliseconds that nothing
is to be done. Written so that a Python 3.6 can still read it and say which Python is needed.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
PIP = VENV / "bin" / "pip"
STAMP = VENV / "kursbot.stamp"
REQUIREMENTS = "requirements-dev.txt"
OLDEST, NEWEST = (3, 11), (3, 14)
# Published as source only. Everything else comes as a wheel, so nothing is compiled here.
SOURCE_ONLY = "atomicwrites"


def main() -> None:
    """Bring .venv up to date; exit 1 with a German sentence where that is impossible."""
    with exclusive():
        wanted = fingerprint()
        if PYTHON.exists() and STAMP.is_file() and STAMP.read_text() == wanted:
            return
        started = time.monotonic()
        if not (PYTHON.exists() and PIP.exists()):
            create()
        wheels = ("--only-binary", ":all:", "--no-binary", SOURCE_ONLY)
        pip("--require-hashes", *wheels, "--requirement", REQUIREMENTS)
        pip("--no-deps", "--no-build-isolation", "--editable", ".")
        STAMP.write_text(wanted)
        say(f"Fertig eingerichtet in {time.monotonic() - started:.0f} s.")


@contextlib.contextmanager
def exclusive() -> "Iterator[None]":
    """Let one installation at a time work on this checkout; a killed one frees it, too."""
    folder = os.open(str(ROOT), os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Hier läuft schon eine Installation, ich warte auf sie.")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def fingerprint() -> str:
    """What .venv depends on: the two lists of dependencies and the place of the checkout."""
    digest = hashlib.sha256(str(ROOT).encode())
    for name in (REQUIREMENTS, "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def create() -> None:
    """Make a fresh .venv that holds pip alone."""
    version = ".".join(map(str, sys.version_info[:2]))
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        sys.exit(
            f"Kursbot braucht Python 3.11 bis 3.14; {sys.executable} ist {version}.\n"
            "Ist ein passendes da, dann zum Beispiel: make demo PYTHON=python3.12"
        )
    if not all(map(importlib.util.find_spec, ("venv", "ensurepip"))):
        sys.exit(
            f"Diesem Python {version} fehlt das Modul venv. Unter Debian und Ubuntu hilft:\n"
            f"  sudo apt install python{version}-venv"
        )
    say(f"Richte .venv ein (Python {version}).")
    run(sys.executable, "-m", "venv", "--clear", str(VENV))


def pip(*arguments: str) -> None:
    """Install what the arguments name; bytecode comes at first use, which saves a third."""
    quiet = ("--no-input", "--disable-pip-version-check", "--progress-bar", "off")
    run(str(PYTHON), "-m", "pip", "install", "--no-compile", *quiet, *arguments)


def run(*command: str) -> None:
    """Run a command and show how far it is; when it fails, show its last words and exit 1."""
    started = time.monotonic()
    pause = 0.2 if sys.stdout.isatty() else 5.0
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, cwd=str(ROOT), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(pause)
            # pread and not read, because the child writes at the file position it shares with us.
            output = os.pread(log.fileno(), os.fstat(log.fileno()).st_size, 0).decode()
            if process.returncode is not None:
                break
            say(f"{progress(output)} · {time.monotonic() - started:.0f} s", passing=True)
    if process.returncode:
        say("Das hat nicht geklappt. Zuletzt hieß es:")
        sys.exit("\n".join(output.splitlines()[-15:]))


def progress(output: str) -> str:
    """How far pip is: read from its output while it fetches, from the disk while it unpacks."""
    lines = (ROOT / REQUIREMENTS).read_text().splitlines()
    total = sum("==" in line for line in lines) - output.count("Ignoring ")
    fetched = re.findall(r"\(from -r \S+ \(line (\d+)\)\)", output)
    if "Installing collected packages" in output:
        done = len(list(VENV.glob("lib/*/site-packages/*.dist-info")))
        return f"{min(done, total)} von {total} Paketen eingerichtet"
    if fetched:
        name = lines[int(fetched[-1]) - 1].split("==")[0]
        return f"{len(fetched)} von {total} Paketen geholt, gerade {name}"
    return "Bereite vor"


def say(text: str, passing: bool = False) -> None:
    """Print at once; on a terminal a passing line is overwritten by the next one."""
    terminal = sys.stdout.isatty()
    start, end = "\r\x1b[K" if terminal else "", "" if terminal and passing else "\n"
    sys.stdout.write(start + text + end)
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nAbgebrochen. Der nächste Aufruf macht weiter.")
