"""The end of a course, and of what is known about somebody."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base


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
