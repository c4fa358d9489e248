"""The clock and the outbox: what is due, what was said, what may be undone."""

from datetime import datetime, time
from typing import Any

from sqlalchemy import (
    JSON,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, course_key


class Rule(Base, kw_only=True):
    """When a schedule speaks: on a fixed weekday, or relative to each webinar.

    `texts` are those of the chat, which it then says: by the keys of meetings, or for all.
    """

    __tablename__ = "rules"
    __table_args__ = (UniqueConstraint("course_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = course_key()
    key: Mapped[str] = mapped_column(String(80))
    room: Mapped[str]
    push: Mapped[bool]
    weekday: Mapped[int | None] = mapped_column(default=None)
    days: Mapped[int | None] = mapped_column(default=None)
    minutes: Mapped[int | None] = mapped_column(default=None)
    minutes_after_end: Mapped[int | None] = mapped_column(default=None)
    clock: Mapped[time | None] = mapped_column(default=None)
    trigger: Mapped[str | None] = mapped_column(default=None)
    until_start: Mapped[bool] = mapped_column(default=False)
    checkin_from: Mapped[int | None] = mapped_column(default=None)
    checkin_until: Mapped[int | None] = mapped_column(default=None)
    texts: Mapped[dict[str, str]] = mapped_column(JSON, default_factory=dict)


class Occurrence(Base, kw_only=True):
    """One planned strike of a schedule. `cause` names it for ever: what was struck stays struck.

    `anchor` is the moment in the course that it is about, e.g. the start of a meeting: another
    anchor for the same subject means that the meeting has moved. `lead` tells apart several strikes
    of a schedule about one meeting: the minutes before it. An announcement brings its own `text`.
    """

    __tablename__ = "occurrences"
    __table_args__ = (Index("ix_occurrences_state_due", "state", "due"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = course_key()
    cause: Mapped[str] = mapped_column(String(255), unique=True)
    schedule: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(String(80))
    lead: Mapped[int] = mapped_column(default=0)
    room: Mapped[str]
    push: Mapped[bool]
    anchor: Mapped[datetime]
    due: Mapped[datetime]
    expires: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12), default="geplant")
    text: Mapped[str] = mapped_column(default="")


class Action(Base, kw_only=True):
    """What an organiser (`mxid`) has confirmed, as the command line that it was."""

    __tablename__ = "actions"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = course_key()
    mxid: Mapped[str] = mapped_column(String(255))
    line: Mapped[str]
    at: Mapped[datetime]


class Change(Base, kw_only=True):
    """A change of the programme in the chat, as columns of meetings by their keys.

    A meeting that was not there `before`, or is not there `after`, has no columns. Everybody hears
    the `text` at `says`, never if that is None. `sent` is how many posts about the meetings had
    gone out by then, and `told` whether one was about them as they were.
    """

    __tablename__ = "changes"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = course_key()
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    sent: Mapped[int]
    told: Mapped[bool] = mapped_column(default=False)
    text: Mapped[str] = mapped_column(default="")
    says: Mapped[datetime | None] = mapped_column(default=None)
    at: Mapped[datetime]


class Notice(Base, kw_only=True):
    """The programme as it hangs in the announcements room, pinned.

    `cause` is that of the post, empty before the first; `text` is what it says after all its edits.
    Each change makes a new `edition`.
    """

    __tablename__ = "notices"

    course_id: Mapped[int] = mapped_column(
        ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True
    )
    cause: Mapped[str] = mapped_column(String(255), default="")
    room_id: Mapped[str] = mapped_column(String(255), default="")
    text: Mapped[str] = mapped_column(default="")
    edition: Mapped[int] = mapped_column(default=0)


class OutgoingMessage(Base, kw_only=True):
    """What the bot has decided to say. `cause` is unique: one cause speaks once.

    An organiser's reply to it is carried to `reply_room`, where somebody waits for an answer. What
    is `about` an earlier message names its cause: the delivery puts in the event that became of it.
    `reactions` are the emoji that stand for command lines. The content of what is `secret` is
    forgotten when it is delivered.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_state_due", "state", "due"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    cause: Mapped[str] = mapped_column(String(255), unique=True)
    course_id: Mapped[int | None] = mapped_column(
        ForeignKey("courses.id", ondelete="SET NULL"), default=None
    )
    room_id: Mapped[str] = mapped_column(String(255))
    type: Mapped[str] = mapped_column(String(80), default="m.room.message")
    content: Mapped[dict[str, Any]]
    file: Mapped[bytes | None] = mapped_column(default=None, deferred=True)
    secret: Mapped[bool] = mapped_column(default=False)
    due: Mapped[datetime]
    expires: Mapped[datetime | None] = mapped_column(default=None)
    look_first: Mapped[bool] = mapped_column(default=False)
    reply_room: Mapped[str | None] = mapped_column(String(255), default=None)
    about: Mapped[str | None] = mapped_column(String(255), default=None)
    reactions: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True), default=None)
    state: Mapped[str] = mapped_column(String(12), default="wartet")
    event_id: Mapped[str | None] = mapped_column(String(255), index=True, default=None)


class Question(Base, kw_only=True):
    """What the bot asked somebody last in a room: each answer stands for a command line.

    The message that asks has the `cause`; where it went to a person, not to a room, `room_id` is
    the Matrix id. When it `confirms`, the lines have been previewed and are meant as they stand.
    An empty `mxid` means all organisers, in their room.
    """

    __tablename__ = "questions"

    room_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    mxid: Mapped[str] = mapped_column(String(255), primary_key=True)
    answers: Mapped[dict[str, str]] = mapped_column(JSON)
    confirms: Mapped[bool] = mapped_column(default=False)
    cause: Mapped[str] = mapped_column(String(255), default="")
    asked: Mapped[datetime]
    expires: Mapped[datetime]
