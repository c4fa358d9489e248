"""The course: its rooms, its organisers and its dates."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    JSON,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from storage import calendar
from storage.models.base import Base, course_key


class Course(Base, kw_only=True):
    """One run of the course, with the settings its organisers chose.

    While it is `stopped`, the bot says nothing there unasked. So many `open_weeks` after its end it
    is `closed`: then the bot tells what it knows, and nothing changes any more. Who was `dismissed`
    does not lead it any more, whatever the course file says.
    """

    __tablename__ = "courses"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str]
    short_title: Mapped[str]
    timezone: Mapped[str]
    begins: Mapped[date]
    ends: Mapped[date]
    recording: Mapped[str] = mapped_column(default="nein")
    form: Mapped[str] = mapped_column(default="neutral")
    gender: Mapped[str] = mapped_column(default="neutral")
    lesson_minutes: Mapped[int] = mapped_column(default=45)
    quota_percent: Mapped[int] = mapped_column(default=80)
    proof: Mapped[str] = mapped_column(default="")
    controller: Mapped[str] = mapped_column(default="")
    privacy_url: Mapped[str] = mapped_column(default="")
    votes_kept_days: Mapped[int] = mapped_column(default=7)
    log_kept_days: Mapped[int] = mapped_column(default=30)
    feedback_kept_days: Mapped[int] = mapped_column(default=30)
    attendance_kept_months: Mapped[int] = mapped_column(default=3)
    feedback_minimum: Mapped[int] = mapped_column(default=5)
    quiet_from: Mapped[time | None] = mapped_column(default=None)
    quiet_until: Mapped[time | None] = mapped_column(default=None)
    quiet_weekend: Mapped[bool] = mapped_column(default=False)
    project_units: Mapped[int] = mapped_column(default=0)
    project_due: Mapped[datetime | None] = mapped_column(default=None)
    presentation_minutes: Mapped[int] = mapped_column(default=0)
    open_weeks: Mapped[int] = mapped_column(default=4)
    stopped: Mapped[bool] = mapped_column(default=False)
    closed: Mapped[bool] = mapped_column(default=False)
    dismissed: Mapped[list[str]] = mapped_column(default_factory=list)
    imported_at: Mapped[datetime]

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which all local dates and times of the course are meant."""
        return ZoneInfo(self.timezone)

    def local(self, moment: datetime) -> datetime:
        """The moment as the clocks of the course show it."""
        return moment.astimezone(self.zone)

    def starts(self, meeting: "Meeting") -> datetime:
        """When the meeting starts, in the zone of the course."""
        return calendar.at(meeting.day, meeting.starts, self.zone)

    def ends_at(self, meeting: "Meeting") -> datetime:
        """When the meeting ends, in the zone of the course."""
        return calendar.at(meeting.day, meeting.ends, self.zone)


class Room(Base, kw_only=True):
    """A room of a course: `kind` is what it is for, `address` the alias or id as imported.

    `membership` is the bot's own, in the words of Matrix: `join`, `leave` once it had to go, empty
    while it has never been in. `seen` is what it has found there last, see `storage/room_care.py`.
    """

    __tablename__ = "rooms"
    __table_args__ = (UniqueConstraint("course_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = course_key()
    kind: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(255), index=True)
    room_id: Mapped[str | None] = mapped_column(String(255), index=True, default=None)
    membership: Mapped[str] = mapped_column(String(10), default="")
    seen: Mapped[dict[str, bool]] = mapped_column(JSON, default_factory=dict)
    filed: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)


class Organiser(Base, kw_only=True):
    """Who leads the course: a full Matrix id; `typed` ones are of the chat."""

    __tablename__ = "organisers"
    __table_args__ = (UniqueConstraint("course_id", "mxid"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = course_key()
    mxid: Mapped[str] = mapped_column(String(255), index=True)
    typed: Mapped[bool] = mapped_column(default=False)


class Speaker(Base, kw_only=True):
    """A role that leads meetings; names stay with the organisers."""

    __tablename__ = "speakers"
    __table_args__ = (UniqueConstraint("course_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = course_key()
    key: Mapped[str] = mapped_column(String(80))
    role: Mapped[str]


class Meeting(Base, kw_only=True):
    """A date of the course. Day and times are local; `Course.starts` makes them moments."""

    __tablename__ = "meetings"
    __table_args__ = (UniqueConstraint("course_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = course_key()
    key: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(20))
    number: Mapped[int | None] = mapped_column(default=None)
    day: Mapped[date]
    starts: Mapped[time]
    ends: Mapped[time]
    break_minutes: Mapped[int] = mapped_column(default=0)
    units: Mapped[int]
    topic: Mapped[str]
    slot: Mapped[str | None] = mapped_column(default=None)
    speakers: Mapped[list[str]] = mapped_column(default_factory=list)
    prompt: Mapped[str] = mapped_column(default="")
    task: Mapped[str] = mapped_column(default="")
    task_due: Mapped[datetime | None] = mapped_column(default=None)
    link: Mapped[str] = mapped_column(default="")
    code: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    folder: Mapped[str] = mapped_column(default="")
    materials: Mapped[list[dict[str, str]]] = mapped_column(JSON, default_factory=list)
    mandatory: Mapped[bool] = mapped_column(default=True)
    cancelled: Mapped[bool] = mapped_column(default=False)
    sequence: Mapped[int] = mapped_column(default=0)
    filed: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)


class Break(Base, kw_only=True):
    """Days, both included, on which the bot says nothing unasked; `typed` ones are of the chat."""

    __tablename__ = "breaks"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = course_key()
    name: Mapped[str]
    first: Mapped[date]
    last: Mapped[date]
    typed: Mapped[bool] = mapped_column(default=False)


class Holiday(Base, kw_only=True):
    """A public holiday in some Länder (`*`: in all)."""

    __tablename__ = "holidays"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = course_key()
    day: Mapped[date]
    name: Mapped[str]
    states: Mapped[list[str]]
