"""The bot as operators run it: a process of its own that can be killed at any moment."""

import asyncio
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests import databases
from tests.postgres import GIVEN

READY = 'bot.app(: |", "message": ")ready'
ROOT = Path(__file__).resolve().parents[2]


async def eventually(
    check: Callable[[], Awaitable[object]], seconds: float, pause: float = 0.1
) -> None:
    """Wait until the check says yes; TimeoutError when it does not in time."""
    async with asyncio.timeout(seconds):
        while True:
            if await check():
                return
            await asyncio.sleep(pause)


def environment() -> dict[str, str]:
    """Ours, without what would configure the bot."""
    return {k: v for k, v in os.environ.items() if not k.startswith("KURSBOT_")}


@dataclass
class Service:
    """`kursbot run` and `kursbot import`, with everything they own in one folder."""

    folder: Path
    verbose: bool = False
    url: str = ""
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _said_before: int = field(default=0, init=False)
    _started: float = field(default=0.0, init=False)

    @property
    def database(self) -> Path:
        return self.folder / "data" / "kursbot.db"

    @property
    def log(self) -> Path:
        return self.folder / "kursbot.log"

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    def memory(self, most: bool = False) -> float:
        """What the process has in memory, or has had at most, in MiB."""
        name, status = "VmHWM" if most else "VmRSS", Path(f"/proc/{self.pid}/status")
        found = re.search(rf"{name}:\s+(\d+)", status.read_text())
        assert found
        return int(found[1]) / 1024

    def configure(self, homeserver: str, user_id: str, password: str, **more: dict) -> None:
        """Write its settings; further tables by name."""
        matrix = {"homeserver": homeserver, "user_id": user_id, "password": password}
        tables = {"matrix": matrix, "data": {"folder": str(self.folder / "data")}, **more}
        if databases.POSTGRESQL:
            tables.setdefault("database", {"url": os.environ[GIVEN]})
        server = tables.get("database", {}).get("url")
        account = tables["matrix"]["user_id"]
        self.url = (
            databases.with_account(server, account) if server else f"sqlite:///{self.database}"
        )
        self.folder.mkdir(mode=0o700, parents=True)
        lines = [
            line
            for name, table in tables.items()
            for line in (f"[{name}]", *(f"{k} = {json.dumps(v)}" for k, v in table.items()))
        ]
        config = self.folder / "config.toml"
        config.touch(mode=0o600)
        config.write_text("\n".join(lines), encoding="utf-8")

    def read(self, course: str) -> None:
        """Import the text of a course file."""
        file = self.folder / "kurs.toml"
        file.write_text(course, encoding="utf-8")
        done = self.call("import", str(file))
        assert done.returncode == 0, done.stderr

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a verb to its end, at most 20 s long."""
        return subprocess.run(
            self._command(*arguments),
            cwd=ROOT,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=20,
        )

    def _command(self, *arguments: str) -> list[str]:
        config = str(self.folder / "config.toml")
        return [sys.executable, "-m", "bot", *arguments, "--config", config]

    def start(self, *, dies: tuple[str, int] | None = None) -> None:
        """Let it work, and return at once; it may die by itself at a place in its code.

        The place is FILE:FUNCTION, entered for the n-th time.
        """
        self._said_before = self.log.stat().st_size if self.log.exists() else 0
        self._started = time.monotonic()
        with self.log.open("ab") as log:
            command = self._command("run", *["--verbose"] * self.verbose)
            if dies is not None:
                place = ["tests.matrix.dying", dies[0], str(dies[1])]
                command[command.index("bot") : command.index("bot") + 1] = place
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=environment(), stdout=log, stderr=log
            )

    async def dead(self, seconds: float) -> bool:
        """Wait until it has died where it had to; whether it did in time, else it works on."""
        assert self._process
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = await asyncio.to_thread(self._process.wait, seconds)
            assert code == -signal.SIGKILL, self.last_words()
            self._process = None
            return True
        return False

    async def ready(self, seconds: float = 20, said: str = READY) -> float:
        """Wait until it has read the rooms; the seconds since its start."""
        assert self._process
        while not re.search(said.encode(), self._said()):
            assert self._process.poll() is None, self.last_words()
            assert time.monotonic() < self._started + seconds, self.last_words()
            await asyncio.sleep(0.005)
        return time.monotonic() - self._started

    def kill(self) -> None:
        """SIGKILL: what is not on disk is lost. An end by itself before that is a mistake."""
        if self._process:
            ended = self._process.poll()
            self._process.kill()
            self._process.wait()
            self._process = None
            assert ended is None, f"ended by itself: {ended}\n{self.last_words()}"

    async def stop(self) -> int:
        """SIGTERM; the exit code, TimeoutExpired after 10 s."""
        assert self._process
        self._process.send_signal(signal.SIGTERM)
        code = await asyncio.to_thread(self._process.wait, 10)
        self._process = None
        return code

    def _said(self) -> bytes:
        with self.log.open("rb") as log:
            log.seek(self._said_before)
            return log.read()

    def last_words(self) -> str:
        return "\n".join(self.log.read_text("utf-8", errors="replace").splitlines()[-25:])
