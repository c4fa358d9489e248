"""What the people of a course say and ask for."""

from datetime import datetime

from sqlalchemy import (
    ForeignKey,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, course_key


class Feedback(Base, kw_only=True):
    """How somebody liked a meeting: `score` 1 (very helpful) to 5 (not at all), and a sentence."""

    __tablename__ = "feedback"
    __table_args__ = (UniqueConstraint("course_id", "person", "meeting"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = course_key()
    person: Mapped[str] = mapped_column(String(80))
    meeting: Mapped[str] = mapped_column(String(80))
    score: Mapped[int]
    comment: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]


class SpeakerQuestion(Base, kw_only=True):
    """A question for those who lead a meeting; whose it is, is said only if it is `named`.

    People call it by its id, so that is never given twice.
    """

    __tablename__ = "speaker_questions"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = course_key()
    meeting: Mapped[str] = mapped_column(String(80))
    person: Mapped[str] = mapped_column(String(80))
    text: Mapped[str]
    named: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]


class Support(Base, kw_only=True):
    """Somebody else wants the answer to a speaker's question, too."""

    __tablename__ = "support"
    __table_args__ = (UniqueConstraint("question", "person"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = course_key()
    question: Mapped[int] = mapped_column(ForeignKey("speaker_questions.id", ondelete="CASCADE"))
    person: Mapped[str] = mapped_column(String(80))


class TaskDone(Base, kw_only=True):
    """Somebody has done the task of a meeting; for their own list only."""

    __tablename__ = "tasks_done"
    __table_args__ = (UniqueConstraint("course_id", "person", "meeting"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = course_key()
    person: Mapped[str] = mapped_column(String(80))
    meeting: Mapped[str] = mapped_column(String(80))


class Reminder(Base, kw_only=True):
    """Somebody wants a direct message so many minutes before each meeting; 0 is the usual time."""

    __tablename__ = "reminders"
    __table_args__ = (UniqueConstraint("course_id", "person", "lead"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = course_key()
    person: Mapped[str] = mapped_column(String(80))
    lead: Mapped[int]


class Subscription(Base, kw_only=True):
    """The secret address of somebody's calendar, as a SHA-256 digest of its token."""

    __tablename__ = "subscriptions"
    __table_args__ = (UniqueConstraint("course_id", "person"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = course_key()
    person: Mapped[str] = mapped_column(String(80))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
