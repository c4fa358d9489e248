"""The people of a course and their networks."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, course_key


class Network(Base, kw_only=True):
    """A regional network that somebody in the course coordinates."""

    __tablename__ = "networks"
    __table_args__ = (UniqueConstraint("course_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = course_key()
    key: Mapped[str] = mapped_column(String(80))
    name: Mapped[str]
    short: Mapped[str]
    kind: Mapped[str]
    state: Mapped[str]
    area: Mapped[str]
    structure: Mapped[str]
    host: Mapped[str]
    host_text: Mapped[str] = mapped_column(default="")
    since: Mapped[int | None] = mapped_column(default=None)
    status: Mapped[str] = mapped_column(default="")
    partners: Mapped[dict[str, int]] = mapped_column(JSON, default_factory=dict)
    other_partners: Mapped[str] = mapped_column(default="")
    offers: Mapped[list[str]] = mapped_column(default_factory=list)
    needs: Mapped[list[str]] = mapped_column(default_factory=list)
    sentence: Mapped[str] = mapped_column(default="")


class Entry(Base, kw_only=True):
    """What somebody says about their network in the chat; the course file never changes it.

    `kind` is `bietet`, `sucht` or `satz`; a `struck` one is not to be shown though the file has it.
    Of the kind `verborgen`, `text` is the part of the profile that others do not see.
    """

    __tablename__ = "entries"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = course_key()
    network: Mapped[str] = mapped_column(String(80))
    person: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(12))
    text: Mapped[str]
    struck: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]


ACTIVE, GONE = "aktiv", "ausgeschieden"
"""Whether a person takes part; `eingeladen` of the course file is as good as the first."""


class Person(Base, kw_only=True):
    """Somebody who takes part, known by a role; `mxid` is empty until there is an account.

    `warned` is how tight their attendance was when the organisers heard of it last; who is
    `welcomed` needs no word any more when they come into a room. Where the chat has changed
    something, `filed` is what the course file says there; with a `key` in it, the file does not
    know the person at all.
    """

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("course_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = course_key()
    key: Mapped[str] = mapped_column(String(80))
    display: Mapped[str]
    network: Mapped[str | None] = mapped_column(String(80), default=None)
    mxid: Mapped[str | None] = mapped_column(String(255), index=True, default=None)
    status: Mapped[str] = mapped_column(default="aktiv")
    group: Mapped[int | None] = mapped_column("group_number", default=None)
    warned: Mapped[int] = mapped_column(default=0)
    welcomed: Mapped[bool] = mapped_column(default=False)
    filed: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)


class Group(Base, kw_only=True):
    """A project group and what it works on; `typed` ones are of the chat."""

    __tablename__ = "groups"
    __table_args__ = (UniqueConstraint("course_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = course_key()
    number: Mapped[int]
    topic: Mapped[str]
    typed: Mapped[bool] = mapped_column(default=False)


class Attendance(Base, kw_only=True):
    """How many units somebody attended of a meeting, and who says so.

    `state` goes from signed off (`abgemeldet`) or reported by the person (`selbst`) to confirmed
    (`bestaetigt`) and exported (`exportiert`). `by` is the Matrix id of who said it in the chat,
    `at` when; the course file has neither. `made_up` units were no attendance: somebody did
    something instead. There is no reason for an absence, nowhere.
    """

    __tablename__ = "attendance"
    __table_args__ = (UniqueConstraint("course_id", "person", "meeting"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = course_key()
    person: Mapped[str] = mapped_column(String(80))
    meeting: Mapped[str] = mapped_column(String(80))
    units: Mapped[int]
    state: Mapped[str] = mapped_column(String(12), default="bestaetigt")
    made_up: Mapped[bool] = mapped_column(default=False)
    by: Mapped[str | None] = mapped_column(String(255), default=None)
    at: Mapped[datetime | None] = mapped_column(default=None)
    filed: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)


class TandemMember(Base, kw_only=True):
    """Who wants to meet somebody from another network each week, but from none of those avoided."""

    __tablename__ = "tandem_members"
    __table_args__ = (UniqueConstraint("course_id", "person"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = course_key()
    person: Mapped[str] = mapped_column(String(80))
    paused: Mapped[bool] = mapped_column(default=False)
    avoids: Mapped[list[str]] = mapped_column(default_factory=list)


class TandemSeat(Base, kw_only=True):
    """Somebody's place in a tandem: the `number` of a week (its Monday); whether they have met."""

    __tablename__ = "tandem_seats"
    __table_args__ = (UniqueConstraint("course_id", "week", "person"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = course_key()
    week: Mapped[date]
    number: Mapped[int]
    person: Mapped[str] = mapped_column(String(80))
    asked: Mapped[bool] = mapped_column(default=False)
    met: Mapped[bool | None] = mapped_column(default=None)


class Quote(Base, kw_only=True):
    """What somebody lets the course quote; `consent` says as whose words, and to whom."""

    __tablename__ = "quotes"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = course_key()
    person: Mapped[str] = mapped_column(String(80))
    text: Mapped[str]
    consent: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime]


class Tip(Base, kw_only=True):
    """A message worth keeping; until its author has `agreed`, for a day at most."""

    __tablename__ = "tips"
    __table_args__ = (UniqueConstraint("course_id", "event_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = course_key()
    person: Mapped[str] = mapped_column(String(80))
    event_id: Mapped[str] = mapped_column(String(255))
    text: Mapped[str]
    agreed: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]
