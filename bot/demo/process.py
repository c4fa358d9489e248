"""The bot of the demo: the real `kursbot import` and `kursbot run`, each a process of its own."""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

STOP_SECONDS = 10
PROJECT = Path(__file__).resolve().parent.parent.parent
# `python -m bot`, but it ends when our end of its standard input closes, however we die.
CHILD = """
import os, runpy, signal, threading
def outlive_nobody():
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)
threading.Thread(target=outlive_nobody, daemon=True).start()
runpy.run_module("bot", run_name="__main__", alter_sys=True)
"""


class BotError(Exception):
    """The bot did not do what it was started for; the text is for people, with its last words."""


@dataclass(frozen=True)
class BotProcess:
    """The bot with everything it owns in one folder."""

    folder: Path

    def configure(self, homeserver: str, user_id: str, password: str) -> None:
        """Write its settings."""
        self.folder.mkdir(mode=0o700, parents=True)
        (self.folder / "config.toml").write_text(
            f'[matrix]\nhomeserver = "{homeserver}"\nuser_id = "{user_id}"\n'
            f'password = "{password}"\n\n[data]\nfolder = "{self.folder / "data"}"\n',
            encoding="utf-8",
        )

    async def read(self, course: str) -> None:
        """Let it import the text of a course file."""
        file = self.folder / "kurs.toml"
        file.write_text(course, encoding="utf-8")
        async with self._started("import", str(file)) as process:
            if await process.wait():
                raise BotError(f"Der Kurs ließ sich nicht einlesen.\n{self.last_words()}")

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Let it work; BotError comes as soon as it ends by itself."""
        async with self._started("run") as process, asyncio.TaskGroup() as group:
            guard = group.create_task(self._guard(process))
            yield
            guard.cancel()

    async def _guard(self, process: Process) -> None:
        await process.wait()
        raise BotError(f"Der Bot hat sich beendet.\n{self.last_words()}")

    @contextlib.asynccontextmanager
    async def _started(self, *arguments: str) -> AsyncIterator[Process]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("KURSBOT_")}
        with self._log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", CHILD, *arguments),
                *("--config", str(self.folder / "config.toml")),
                cwd=PROJECT,
                env=environment,
                stdin=PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us; we end it in our own time
            )
        try:
            yield process
        finally:
            await stop(process)

    @property
    def _log(self) -> Path:
        return self.folder / "kursbot.log"

    def last_words(self) -> str:
        """The end of what it wrote beside its messages."""
        return "\n".join(self._log.read_text("utf-8", errors="replace").splitlines()[-15:])


async def stop(process: Process) -> None:
    """End it by SIGTERM, after 10 s by SIGKILL."""
    if process.returncode is None:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()
