"""Where the tests keep their databases: SQLite files, or with `make test DATABASE=postgresql`
accounts on a server that all processes of the run share.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import quote

import psycopg

from storage.engine import postgresql
from storage.engine.schema import FACT, VERSION
from storage.models import Base
from tests.postgres import GIVEN, Postgres

POSTGRESQL = os.environ.get("KURSBOT_TEST_DATABASE", "sqlite") == "postgresql"


@contextmanager
def server() -> Iterator[str]:
    """The address of a PostgreSQL: the one that is there, or a new one."""
    if given := os.environ.get(GIVEN):
        yield given
        return
    made = Postgres()
    try:
        made.start()
        yield made.url
    finally:
        made.remove()


@dataclass
class Accounts:
    """Empty parts of a PostgreSQL database, made once and emptied after each use."""

    _free: list[str] = field(default_factory=list)
    _taken: dict[Path, str] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=count)

    def of(self, file: Path) -> str:
        """The address of the one that stands for this file."""
        if file not in self._taken:
            worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
            name = self._free.pop() if self._free else f"{worker}-{next(self._numbers)}"
            self._taken[file] = name
        return with_account(os.environ[GIVEN], self._taken[file])

    def give_back(self) -> None:
        while self._taken:
            _, name = self._taken.popitem()
            with suppress(psycopg.errors.UndefinedTable):  # a test may have dropped one
                empty(with_account(os.environ[GIVEN], name))
                self._free.append(name)


ACCOUNTS = Accounts()


def of(file: Path) -> str:
    """The address of a test's database: this file, or what stands for it on the server."""
    return ACCOUNTS.of(file) if POSTGRESQL else f"sqlite:///{file}"


def with_account(url: str, account: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}account={quote(account, safe='')}"


def connected(url: str) -> psycopg.Connection:
    """What any client sees of this account's part."""
    _, address, arguments = postgresql.place(url)
    query = {**address.query, **arguments, "dbname": address.database, "user": address.username}
    query |= {"host": address.host or address.query.get("host"), "port": address.port}
    query |= {"password": address.password}
    known = {key: value for key, value in query.items() if value is not None}
    return psycopg.connect(**known, autocommit=True)


def empty(url: str) -> None:
    """Everything is gone but the tables; they count from one again."""
    name, *_ = postgresql.place(url)
    lines = [f"DELETE FROM {table.name}" for table in reversed(Base.metadata.sorted_tables)]
    lines.append(f"INSERT INTO facts VALUES ('{FACT}', '{VERSION}'), ('leader', '')")
    ours = f"""'"{name}"'::regnamespace"""
    sequences = f"FROM pg_class WHERE relkind = 'S' AND relnamespace = {ours}"
    lines.append(f"SELECT setval(oid, 1, false) {sequences}")
    with connected(url) as link:
        if link.execute("SELECT to_regclass('facts')").fetchone() != (None,):
            link.execute(";".join(lines))


def drop(url: str) -> None:
    """The server is lost with everything of this account on it."""
    name, *_ = postgresql.place(url)
    query(url, f'DROP SCHEMA "{name}" CASCADE')


def query(url: str, sql: str) -> list[tuple]:
    """What the database itself says, past all of our code."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(Path(url.partition("///")[2]), timeout=30)) as file, file:
            return file.execute(sql).fetchall()
    with connected(url) as link:
        found = link.execute(sql)
        return found.fetchall() if found.description else []


@contextmanager
def kept(file: Path) -> Iterator[None]:
    """Another process writes to this test's database, and does not end."""
    if POSTGRESQL:
        with connected(of(file)) as link, link.transaction():
            link.execute("SELECT FROM facts WHERE name = 'leader' FOR UPDATE")
            yield
    else:
        with closing(sqlite3.connect(file, isolation_level=None)) as link:
            link.execute("BEGIN IMMEDIATE")
            yield
            link.execute("ROLLBACK")


def contents(file: Path) -> bytes:
    """Everything that can be found in this test's database: its files, or all rows on a server."""
    if not POSTGRESQL:
        return b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))
    rows = (query(of(file), f"SELECT t::text FROM {name} t") for name in Base.metadata.tables)
    return str([*rows]).encode()


def script(url: str, sql: str) -> None:
    """Let the database do all of this."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(Path(url.partition("///")[2]), timeout=30)) as file, file:
            file.executescript(sql)
    else:
        query(url, sql)
