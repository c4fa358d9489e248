"""What leads from the last released schema to the models, as the text of a revision."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from typing import Any, Literal

from alembic.autogenerate import compare_metadata, produce_migrations, render_python_code
from alembic.migration import MigrationContext
from alembic.operations import ops
from sqlalchemy import Column, Connection, create_engine

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
    found: list[Any] = compare_metadata(context, Base.metadata)
    return found


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
    """New columns that must not be empty are made empty, filled, and then made so."""
    new = _unfilled(op)
    if not (isinstance(op, ops.ModifyTableOps) and new):
        yield op
        return
    name = op.table_name
    empty = [ops.AddColumnOp(name, Column(c.name, c.type, nullable=True)) for c in new]
    yield ops.ModifyTableOps(name, empty)
    values = ", ".join(f'"{c.name}" = {_written(name, c.name)}' for c in new)
    yield ops.ExecuteSQLOp(f"UPDATE {name} SET {values}")
    whole = [
        ops.AlterColumnOp(name, c.name, existing_type=c.type, modify_nullable=False) for c in new
    ]
    done = [one for one in op.ops if not (isinstance(one, ops.AddColumnOp) and one.column in new)]
    yield ops.ModifyTableOps(name, [*done, *whole])


def _unfilled(op: ops.MigrateOperation) -> list[Column[Any]]:
    """The columns that a table gets and that must not be empty."""
    found = op.ops if isinstance(op, ops.ModifyTableOps) else []
    added = [one.column for one in found if isinstance(one, ops.AddColumnOp)]
    return [column for column in added if not column.nullable]


def _written(table: str, name: str) -> str:
    """The default of a column in its model, as SQLite and PostgreSQL read it."""
    column = Base.metadata.tables[table].columns[name]
    made = getattr(column.default, "arg", None)
    value = _factory(table, name)() if made is None else made
    if isinstance(value, int):
        return str(value).lower()
    text = value if isinstance(value, str) else json.dumps(value)
    return "'" + text.replace("'", "''").replace(":", "\\:") + "'"


def _factory(table: str, name: str) -> Callable[[], object]:
    """What makes the default of a column; `LookupError` if nothing does."""
    for mapper in Base.registry.mappers:
        if mapper.local_table is Base.metadata.tables[table]:
            key = mapper.get_property_by_column(mapper.columns[name]).key
            found = next(one for one in fields(mapper.class_) if one.name == key)
            if callable(found.default_factory):
                return found.default_factory
    raise LookupError(f"{table}.{name} braucht in seinem Modell einen Vorgabewert")


def _item(kind: str, found: Any, _: object) -> str | Literal[False]:  # noqa: ANN401
    """A revision knows nothing of today's models."""
    return "sa.DateTime()" if kind == "type" and isinstance(found, Moment) else False
