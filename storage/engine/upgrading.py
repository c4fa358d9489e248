"""Bring an older database to the form that this Kursbot reads, after a copy of it was made.

Each step is one transaction: whatever happens, the database has its old form or the next one.
Loaded only where there is something to upgrade: alembic takes 10 MiB.
"""

import logging
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, insert, select, update
from sqlalchemy.engine import make_url

from storage.engine import postgresql, schema
from storage.migrations.steps import step
from storage.models import Fact

log = logging.getLogger(__name__)

COPIES = 3
"""As many copies are kept, those of the latest forms; none when something had to be forgotten."""


class Damaged(Exception):
    """After the step, rows would refer to others that are not there."""


def upgrade(url: str) -> None:
    """Step by step to `schema.VERSION`. Raises `schema.TooNew` or what the database raises."""
    engine = _engine(url)
    try:
        while _stepped(engine):
            pass
    finally:
        engine.dispose()


def _stepped(engine: Engine) -> bool:
    """Take one step, unless there is none left or another process has taken it meanwhile."""
    with engine.begin() as connection:
        stamp = connection.scalar(select(Fact.value).where(Fact.name == schema.FACT))
        form = schema.check(stamp)
        if form == schema.VERSION:
            return False
        if engine.dialect.name == "sqlite":
            _copy(Path(str(engine.url.database)), form)
        log.warning("the database goes from schema %s to %s", form, form + 1)
        step(connection, form + 1)
        query = insert(Fact) if stamp is None else update(Fact).where(Fact.name == schema.FACT)
        connection.execute(query.values(name=schema.FACT, value=str(form + 1)))
        _verify(connection)
        return True


def _engine(url: str) -> Engine:
    """Keys between tables are not enforced meanwhile: SQLite makes some tables anew."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        return _shared(url)
    engine = create_engine(address.set(drivername="sqlite"))

    @event.listens_for(engine, "connect")
    def _(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA busy_timeout = 30000")
        connection.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _shared(url: str) -> Engine:
    """Whoever works for the account with the old form finds out that it has to end."""
    name, address, arguments = postgresql.place(url)
    engine = create_engine(address, connect_args=arguments)

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        postgresql.settle(connection, name)
        connection.execute(postgresql.CROWN, {"who": ""})

    return engine


def _verify(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise Damaged(f"{len(broken)} rows, the first in {broken[0][0]}")


def _copy(file: Path, form: int) -> None:
    """Beside the database, named by its form; older copies go, but for the last ones."""
    copy = file.with_name(f"{file.name}.schema-{form}")
    draft = file.with_name(f"{file.name}.kopie")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    with closing(sqlite3.connect(file)) as here, closing(sqlite3.connect(draft)) as there:
        here.backup(there)
    with draft.open("rb") as written:
        os.fsync(written.fileno())
    draft.replace(copy)
    found = file.parent.glob(f"{file.name}.schema-*")
    for older in sorted(found, key=lambda kept: int(kept.suffix.rpartition("-")[2]))[:-COPIES]:
        older.unlink(missing_ok=True)
