"""Take a database from one schema to the next, with alembic's operations."""

import importlib

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection


def step(connection: Connection, number: int) -> None:
    """Make it this schema, from the one before, in the transaction that has begun.

    The first schema is made from nothing. Everything in the database stays.
    """
    revision = importlib.import_module(f"storage.migrations.schema_{number}")
    with Operations.context(MigrationContext.configure(connection)):
        revision.upgrade()
