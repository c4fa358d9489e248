"""The end of a course, and of what is known about somebody."""

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, course_key


class Erasure(Base, kw_only=True):
    """Somebody was erased: found again by who knows the name, and by nobody else.

    `digest` is that of the name behind the `salt`, `scope` what was erased. It is `wiped` when no
    trace is left in the database files.
    """

    __tablename__ = "erasures"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    salt: Mapped[str] = mapped_column(String(32))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    scope: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime]
    wiped: Mapped[bool] = mapped_column(default=False)


class Alumnus(Base, kw_only=True):
    """Somebody wants to be in the alumni network; without this row, nothing of them moves there."""

    __tablename__ = "alumni"
    __table_args__ = (UniqueConstraint("course_id", "person"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = course_key()
    person: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
