"""Schema 2: drafted, see `storage/migrations/__init__.py`."""

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    """From schema 1."""
    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("scope", sa.String(length=12), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("wiped", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
        sa.UniqueConstraint("digest", name=op.f("uq_erasures_digest")),
    )
    with op.batch_alter_table("courses", schema=None) as batch_op:
        batch_op.add_column(sa.Column("dismissed", sa.JSON(), nullable=True))

    op.execute("UPDATE courses SET \"dismissed\" = '[]'")
    with op.batch_alter_table("courses", schema=None) as batch_op:
        batch_op.alter_column("dismissed", existing_type=sa.JSON(), nullable=False)

    with op.batch_alter_table("groups", schema=None) as batch_op:
        batch_op.add_column(sa.Column("typed", sa.Boolean(), nullable=True))

    op.execute('UPDATE groups SET "typed" = false')
    with op.batch_alter_table("groups", schema=None) as batch_op:
        batch_op.alter_column("typed", existing_type=sa.Boolean(), nullable=False)

    with op.batch_alter_table("organisers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("typed", sa.Boolean(), nullable=True))

    op.execute('UPDATE organisers SET "typed" = false')
    with op.batch_alter_table("organisers", schema=None) as batch_op:
        batch_op.alter_column("typed", existing_type=sa.Boolean(), nullable=False)

    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.add_column(sa.Column("filed", sa.JSON(), nullable=True))

    op.execute("UPDATE people SET \"filed\" = '{}'")
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.alter_column("filed", existing_type=sa.JSON(), nullable=False)

    with op.batch_alter_table("polls", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sums", sa.JSON(), nullable=True))

    op.execute("UPDATE polls SET \"sums\" = '{}'")
    with op.batch_alter_table("polls", schema=None) as batch_op:
        batch_op.alter_column("sums", existing_type=sa.JSON(), nullable=False)
