"""What leads from the last released schema to the models, as the text of a revision."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import MISSING, Field, fields
from typing import Any, Literal

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from alembic.operations import ops
from sqlalchemy import JSON, Column, Connection, create_engine, literal
from sqlalchemy.dialects import sqlite

from storage.migrations import steps
from storage.models import Base, Moment

HEAD = '''"""Schema {number}: drafted, see `storage/migrations/__init__.py`."""

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    """From schema {before}."""
{body}
'''


def drafted(number: int) -> tuple[str, list[str]]:
    """The revision to this schema, and what it drops. Raises `LookupError` without a default."""
    with create_engine("sqlite://").begin() as connection:
        for done in range(1, number):
            steps.step(connection, done)
        context = MigrationContext.configure(connection, opts={"target_metadata": Base.metadata})
        found = produce_migrations(context, Base.metadata).upgrade_ops
        assert found is not None
        dropped = list(_dropped(found.ops))
        found.ops = [small for op in found.ops for small in _small(op)]
        body = render_python_code(
            found, render_as_batch=True, render_item=_item, migration_context=context
        )
    body = "\n".join(line for line in body.splitlines() if "# ###" not in line)
    for table in Base.metadata.tables.values():
        if table.dialect_options["sqlite"]["autoincrement"]:
            plain = f"op.batch_alter_table('{table.name}', schema=None"
            kept = "table_kwargs={'sqlite_autoincrement': True}"
            body = body.replace(plain, f"op.batch_alter_table('{table.name}', {kept}")
    return HEAD.format(number=number, before=number - 1, body=body), dropped


def differences(connection: Connection) -> list[Any]:
    """What alembic finds different between the tables of a database and the models."""
    context = MigrationContext.configure(connection, opts={"target_metadata": Base.metadata})
    return produce_migrations(context, Base.metadata).upgrade_ops.as_diffs()  # type: ignore[union-attr]


def _dropped(found: Sequence[ops.MigrateOperation]) -> Iterator[str]:
    for op in found:
        match op:
            case ops.ModifyTableOps():
                yield from _dropped(op.ops)
            case ops.DropTableOp():
                yield op.table_name
            case ops.DropColumnOp():
                yield f"{op.table_name}.{op.column_name}"


def _small(op: ops.MigrateOperation) -> Iterator[ops.MigrateOperation]:
    """A new column that must not be empty is made empty, filled, and then made so."""
    if not isinstance(op, ops.ModifyTableOps):
        yield op
        return
    new = [one for one in op.ops if isinstance(one, ops.AddColumnOp) and not one.column.nullable]
    rest = [one for one in op.ops if one not in new]
    for one in new:
        name, column = one.table_name, one.column
        empty = Column(column.name, column.type, nullable=True)
        yield ops.ModifyTableOps(name, [ops.AddColumnOp(name, empty)])
        value = _written(name, column)
        yield ops.ExecuteSQLOp(f'UPDATE {name} SET "{column.name}" = {value}')
        whole = ops.AlterColumnOp(
            name, column.name, existing_type=column.type, modify_nullable=False
        )
        rest.append(whole)
    if rest:
        yield ops.ModifyTableOps(op.table_name, rest)


def _written(table: str, column: Column[Any]) -> str:
    """The default of a column in its model, as SQLite and PostgreSQL read it."""
    field = _field(table, column.name)
    value = field.default_factory() if callable(field.default_factory) else field.default
    if value is MISSING:
        raise LookupError(f"{table}.{column.name} braucht in seinem Modell einen Vorgabewert")
    if isinstance(column.type, JSON):
        return f"'{json.dumps(value)}'".replace("''", "'")
    if isinstance(value, bool):
        return str(value).lower()
    written = literal(value, column.type).compile(
        dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}
    )
    return str(written)


def _field(table: str, name: str) -> Field[Any]:
    """The field of a model that a column stands for."""
    for mapper in Base.registry.mappers:
        if mapper.local_table is not None and mapper.local_table.name == table:
            key = mapper.get_property_by_column(mapper.local_table.c[name]).key
            return next(one for one in fields(mapper.class_) if one.name == key)
    raise LookupError(table)


def _item(kind: str, found: Any, _: object) -> str | Literal[False]:  # noqa: ANN401
    """A revision knows nothing of today's models."""
    return "sa.DateTime()" if kind == "type" and isinstance(found, Moment) else False
