"""`kursbot setup` against a real homeserver: asked in a terminal, and with everything given."""

import asyncio
import fcntl
import logging
import os
import pty
import re
import select
import signal
import stat
import subprocess
import sys
import termios
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import main
from bot.config import Matrix
from bot.homeserver import Homeserver
from bot.matrix.login import log_in
from tests.matrix.cohort import ORGA, PASSWORD, Cohort, cohort, times
from tests.matrix.service import ROOT, environment


class Terminal:
    """Somebody at a keyboard: reads what is asked, and types an answer."""

    def __init__(self, folder: Path) -> None:
        self.said, self._folder = "", folder
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot", "setup", *places(folder)],
            cwd=ROOT,
            env=environment(),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=sit_down,
        )
        os.close(theirs)

    def answer(self, question: str, text: str) -> None:
        """Type this at the end of a question."""
        while not re.search(f"{re.escape(question)}[^\n]*: $", self.said):
            assert self._read(), self.said
        self.said += f"<{text}>"
        os.write(self._ours, text.encode())

    def interrupt(self) -> None:
        """Press Ctrl-C, again if nothing happens: just before a process waits, it is lost."""
        for presses in range(1, 6):
            os.write(self._ours, b"\x03")
            while self.said.count("^C") < presses:
                assert self._read(), self.said
            if not self.said.endswith("^C") or select.select([self._ours], [], [], 5)[0]:
                return

    def end(self) -> int:
        """Read to the end; the exit code."""
        while self._read():
            continue
        os.close(self._ours)
        return self.process.wait(20)

    def _read(self) -> bool:
        assert select.select([self._ours], [], [], 60)[0], self.said
        try:
            piece = os.read(self._ours, 4096)
        except OSError:  # the other end is closed
            return False
        self.said += piece.decode().replace("\r\n", "\n")
        return bool(piece)


def sit_down() -> None:
    """In a shell of its own, where Ctrl-C works, wherever the tests were started."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def places(folder: Path) -> list[str]:
    names = {"config": "config.toml", "data": "data", "service": "kursbot.service"}
    return [text for key, name in names.items() for text in (f"--{key}", str(folder / name))]


def written(course: Cohort, folder: Path, orga: str) -> Path:
    """The course's file with this Orga room."""
    text = course.course(times(datetime.now(UTC), 3600)).replace(course.rooms[ORGA], orga)
    file = folder / "kurs.toml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture(autouse=True)
def usual_logging() -> Iterator[None]:
    """The verb is quieter than the tests after it."""
    ours = logging.getLogger("bot")
    level = ours.level
    yield
    ours.setLevel(level)


async def test_ten_answers_make_everything_green(homeserver: Homeserver, tmp_path: Path) -> None:
    async with cohort(homeserver, tmp_path, 0) as course:
        file = written(course, tmp_path, "#orga:chat.example.org")
        answers = {
            "Homeserver": ["127.0.0.1:9\n", homeserver.base_url + "/\n"],
            "Konto des Bots": [f"kursbot-{course.key}\n", "\n"],
            "Zugriffstoken oder Passwort": ["falsch\n", f"{PASSWORD}\n"],
            "Kursdatei": [f"{tmp_path}/fehlt.toml\n", f"{file}\n"],
            "Raum der Lehrgangsleitung": ["\n", f"{course.rooms[ORGA]}\n"],
        }

        def type_all() -> tuple[int, str]:
            operator = Terminal(tmp_path)
            order = "Homeserver Homeserver Konto Zugriff Konto Zugriff Kurs Kurs Raum Raum".split()
            for start in order:
                question = next(q for q in answers if q.startswith(start))
                operator.answer(question, answers[question].pop(0))
            return operator.end(), operator.said

        code, said = await asyncio.to_thread(type_all)
        assert code == 0, said
        assert said.count("<") == 10
        told = said.replace(f"<{PASSWORD}\n>", "")
        assert PASSWORD not in told
        for sentence in (
            "Unter http://127.0.0.1:9 antwortet kein Matrix-Server. Adresse prüfen.",
            f"Das ist weder ein gültiges Token noch das Passwort von kursbot-{course.key}.",
            "fehlt.toml gibt es nicht.",
            "darf nicht in #orga:chat.example.org: Gibt es den Raum",
            "ja    Gerät bestätigt",
            "ja    Raum Orga",
            "systemctl enable --now kursbot",
        ):
            assert sentence in told, said
        assert "NEIN" not in said
        assert course.rooms[ORGA] in file.read_text()
        modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in tmp_path.glob("*") if p.is_file()}
        assert modes == dict.fromkeys(("config.toml", "kurs.toml", "kursbot.service"), 0o600)
        assert f"ReadWritePaths={tmp_path}/data" in (tmp_path / "kursbot.service").read_text()


async def test_everything_can_be_given(homeserver: Homeserver, tmp_path: Path) -> None:
    async with cohort(homeserver, tmp_path, 0) as course:
        file = written(course, tmp_path, course.rooms[ORGA])
        answer = await log_in(Matrix(homeserver.base_url, course.bot, password=PASSWORD), "")
        token = tmp_path / "token"
        token.write_text(f"{answer['access_token']}\n")
        given = {"homeserver": homeserver.base_url, "user": course.bot, "token-file": str(token)}

        async def set_up(**more: str) -> Result:
            options = [t for k, v in {**given, **more}.items() for t in (f"--{k}", v)]
            call = ["setup", "--no-input", *places(tmp_path), *options]
            return await asyncio.to_thread(CliRunner().invoke, main, call)

        early = await set_up()
        assert (early.exit_code, early.stderr.startswith("--course fehlt: ")) == (2, True)
        wrong = await set_up(user=course.user_id("leitung"), course=str(file))
        assert wrong.exit_code == 2
        assert f"--token-file: Das gehört zu {course.bot}, nicht zu " in wrong.stderr
        assert sorted(p.name for p in tmp_path.iterdir()) == ["bot", "kurs.toml", "token"]
        nowhere = await set_up(course=str(file), config=str(tmp_path / "fehlt" / "config.toml"))
        assert nowhere.stderr.endswith("ist nicht zu schreiben: No such file or directory.\n")
        done = await set_up(course=str(file))
        assert (done.exit_code, done.stderr) == (0, ""), done.stdout
        assert answer["access_token"] not in done.stdout
        settings = tomllib.loads((tmp_path / "config.toml").read_text())
        assert settings["matrix"]["access_token"] == answer["access_token"]
        again = await set_up(course=str(file))
        assert (again.exit_code, "--force überschreibt" in again.stderr) == (2, True)


def test_an_interrupted_one_leaves_nothing(homeserver: Homeserver, tmp_path: Path) -> None:
    operator = Terminal(tmp_path)
    operator.answer("Homeserver", f"{homeserver.base_url}\n")
    operator.answer("Konto des Bots", "k")
    operator.interrupt()
    assert operator.end() == 1
    assert operator.said.endswith("Abgebrochen. Nichts wurde geschrieben.\n")
    assert [*tmp_path.iterdir()] == []
