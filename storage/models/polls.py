"""The polls of a course: topics, ballots and votes."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, course_key


class Topic(Base, kw_only=True):
    """An elective topic that people can vote for by its number.

    `wished` is how many wanted it in an election that gave it no slot.
    """

    __tablename__ = "topics"
    __table_args__ = (UniqueConstraint("course_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = course_key()
    key: Mapped[str] = mapped_column(String(80))
    number: Mapped[int]
    title: Mapped[str]
    short: Mapped[str]
    speaker: Mapped[str | None] = mapped_column(default=None)
    wished: Mapped[int | None] = mapped_column(default=None)


class Poll(Base, kw_only=True):
    """Something to vote on: the election of topics for open slots, its runoff, or any question.

    Elections come from the course file (`election` of a runoff is the key of one), the others from
    the chat. To choose from are the `choices` of a question, in a runoff the topics `among` those
    of the course, else all of them. `decision` has the topic of a slot by keys as far as somebody
    decided, and `decided_at` is when it went into the programme. `reopened` is when the vote went
    on after it had closed, `counted` the last ballot that its result knows of, and `sums` what is
    left of that once ballots are forgotten.
    """

    __tablename__ = "polls"
    __table_args__ = (UniqueConstraint("course_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = course_key()
    key: Mapped[str] = mapped_column(String(80))
    question: Mapped[str]
    slots: Mapped[list[str]]
    procedure: Mapped[str] = mapped_column(String(20), default="mehrheit")
    votes_per_person: Mapped[int] = mapped_column(default=1)
    opens: Mapped[datetime]
    closes: Mapped[datetime]
    reminders: Mapped[list[str]] = mapped_column(default_factory=list)
    interim_visible: Mapped[bool] = mapped_column(default=False)
    tie: Mapped[str] = mapped_column(default="leitung")
    minimum: Mapped[int] = mapped_column(default=0)
    confirm_by: Mapped[date | None] = mapped_column(default=None)
    kind: Mapped[str] = mapped_column(String(12), default="wahl")
    election: Mapped[str | None] = mapped_column(String(80), default=None)
    choices: Mapped[list[str]] = mapped_column(default_factory=list)
    among: Mapped[list[int]] = mapped_column(default_factory=list)
    cancelled: Mapped[bool] = mapped_column(default=False)
    reopened: Mapped[datetime | None] = mapped_column(default=None)
    decision: Mapped[dict[str, str]] = mapped_column(JSON, default_factory=dict)
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    counted: Mapped[int | None] = mapped_column(default=None)
    sums: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    filed: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)


class Ballot(Base, kw_only=True):
    """Something said about a poll, as it came: a vote, its edit or deletion, the end of a poll.

    A native one names the event that it is `about`, since it may arrive before the bot has learned
    the id of its own poll; a typed one (`type` empty) names the poll itself. `storage/tally.py`
    knows what it all means.
    """

    __tablename__ = "ballots"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = course_key()
    mxid: Mapped[str] = mapped_column(String(255))
    event_id: Mapped[str] = mapped_column(String(255), unique=True)
    type: Mapped[str] = mapped_column(String(80), default="")
    poll: Mapped[str | None] = mapped_column(String(80), default=None)
    about: Mapped[str] = mapped_column(String(255), default="")
    answers: Mapped[list[str]] = mapped_column(default_factory=list)
    edit: Mapped[bool] = mapped_column(default=False)
    power: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]
