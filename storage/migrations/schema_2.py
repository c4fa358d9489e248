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
    op.create_table(
        "alumni",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"],
            ["courses.id"],
            name=op.f("fk_alumni_course_id_courses"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alumni")),
        sa.UniqueConstraint("course_id", "person", name=op.f("uq_alumni_course_id_person")),
    )
    with op.batch_alter_table("alumni", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alumni_course_id"), ["course_id"], unique=False)

    op.create_table(
        "uploads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(length=255), nullable=False),
        sa.Column("room_id", sa.String(length=255), nullable=False),
        sa.Column("mxid", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("source", sa.JSON(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.Column("expires", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"],
            ["courses.id"],
            name=op.f("fk_uploads_course_id_courses"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
        sa.UniqueConstraint("event_id", name=op.f("uq_uploads_event_id")),
    )
    with op.batch_alter_table("uploads", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_uploads_course_id"), ["course_id"], unique=False)

    with op.batch_alter_table("courses", schema=None) as batch_op:
        batch_op.add_column(sa.Column("open_weeks", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("closed", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("dismissed", sa.JSON(), nullable=True))

    op.execute('UPDATE courses SET "open_weeks" = 4, "closed" = false, "dismissed" = \'[]\'')
    with op.batch_alter_table("courses", schema=None) as batch_op:
        batch_op.alter_column("open_weeks", existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column("closed", existing_type=sa.Boolean(), nullable=False)
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
        batch_op.add_column(sa.Column("welcomed", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("filed", sa.JSON(), nullable=True))

    op.execute('UPDATE people SET "welcomed" = false, "filed" = \'{}\'')
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.alter_column("welcomed", existing_type=sa.Boolean(), nullable=False)
        batch_op.alter_column("filed", existing_type=sa.JSON(), nullable=False)

    with op.batch_alter_table("polls", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sums", sa.JSON(), nullable=True))

    op.execute("UPDATE polls SET \"sums\" = '{}'")
    with op.batch_alter_table("polls", schema=None) as batch_op:
        batch_op.alter_column("sums", existing_type=sa.JSON(), nullable=False)

    with op.batch_alter_table("rooms", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seen", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("filed", sa.JSON(), nullable=True))

    op.execute("UPDATE rooms SET \"seen\" = '{}', \"filed\" = '{}'")
    with op.batch_alter_table("rooms", schema=None) as batch_op:
        batch_op.alter_column("seen", existing_type=sa.JSON(), nullable=False)
        batch_op.alter_column("filed", existing_type=sa.JSON(), nullable=False)
