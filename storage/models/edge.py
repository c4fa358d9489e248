"""The edge: what came in, and what the bot knows about Matrix."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, course_key


class SeenEvent(Base, kw_only=True):
    """An event that has had its effect."""

    __tablename__ = "inbox"

    event_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    understood: Mapped[bool] = mapped_column(default=True)
    at: Mapped[datetime] = mapped_column(index=True)


class Quarantine(Base, kw_only=True):
    """An event that could not be handled; never its content."""

    __tablename__ = "quarantine"

    event_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    room_id: Mapped[str] = mapped_column(String(255))
    type: Mapped[str] = mapped_column(String(255))
    sender: Mapped[str] = mapped_column(String(255))
    error: Mapped[str] = mapped_column(String(255))
    at: Mapped[datetime]


class SealedEvent(Base, kw_only=True):
    """A message that could not be decrypted yet; `told` when its sender was asked to repeat it."""

    __tablename__ = "sealed_events"

    event_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    room_id: Mapped[str] = mapped_column(String(255))
    sender: Mapped[str] = mapped_column(String(255), index=True)
    source: Mapped[dict[str, Any]] = mapped_column(JSON)
    sent: Mapped[datetime]
    at: Mapped[datetime]
    told: Mapped[datetime | None] = mapped_column(default=None)


class Invitation(Base, kw_only=True):
    """An invitation. Once accepted, it stays until the room's first messages have been read."""

    __tablename__ = "invitations"

    room_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    inviter: Mapped[str] = mapped_column(String(255))
    direct: Mapped[bool] = mapped_column(default=False)
    accepted: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]


class Declined(Base, kw_only=True):
    """How often somebody's invitations were declined on one day (UTC)."""

    __tablename__ = "declined"

    day: Mapped[date] = mapped_column(primary_key=True)
    inviter: Mapped[str] = mapped_column(String(255), primary_key=True)
    count: Mapped[int]


class Upgrade(Base, kw_only=True):
    """A room that somebody with the power for it (`by`) has replaced by a new one.

    `heirs` are all who had that power: one of them must have made the new room, too.
    """

    __tablename__ = "upgrades"

    old: Mapped[str] = mapped_column(String(255), primary_key=True)
    new: Mapped[str] = mapped_column(String(255), index=True)
    by: Mapped[str] = mapped_column(String(255))
    heirs: Mapped[list[str]]
    state: Mapped[str] = mapped_column(String(12), default="erwartet")


class DirectChat(Base, kw_only=True):
    """The direct chat that the bot began with somebody.

    Written before the room is made; until `again`, no further one is.
    """

    __tablename__ = "direct_chats"

    mxid: Mapped[str] = mapped_column(String(255), primary_key=True)
    room_id: Mapped[str | None] = mapped_column(String(255), index=True, default=None)
    again: Mapped[datetime]


class Fact(Base, kw_only=True):
    """A single value of the bot itself: the sync token, the device, the recovery notes."""

    __tablename__ = "facts"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[str]


class Upload(Base, kw_only=True):
    """A file that an organiser has put into their room; where it is, never what is in it.

    `source` is as the edge understands it; `used` if it was read as a list of people or a course.
    """

    __tablename__ = "uploads"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = course_key()
    event_id: Mapped[str] = mapped_column(String(255), unique=True)
    room_id: Mapped[str] = mapped_column(String(255))
    mxid: Mapped[str] = mapped_column(String(255))
    name: Mapped[str]
    source: Mapped[dict[str, Any]] = mapped_column(JSON)
    used: Mapped[bool] = mapped_column(default=False)
    expires: Mapped[datetime]
