"""The tables, all on one page: what the bot knows about courses and must not forget."""

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    MetaData,
    String,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column

from storage import calendar


class Moment(TypeDecorator[datetime]):
    """A point in time: aware in Python, UTC in the database."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive value: it would silently mean another hour."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a point in time needs its zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Every stored value is UTC."""
        return value and value.replace(tzinfo=UTC)


class Base(MappedAsDataclass, DeclarativeBase, kw_only=True):
    """Every row is also a dataclass."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Moment, list[str]: JSON, list[int]: JSON, dict[str, Any]: JSON}


def course_key() -> Mapped[int]:
    """The column by which a row belongs to one course, and goes with it."""
    return mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), index=True)


# ------------------------------------------------------------------ the course


class Course(Base, kw_only=True):
    """One run of the course, with the settings its organisers chose.

    While it is `stopped`, the bot says nothing there unasked.
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
    stopped: Mapped[bool] = mapped_column(default=False)
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
    while it has never been in.
    """

    __tablename__ = "rooms"
    __table_args__ = (UniqueConstraint("course_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = course_key()
    kind: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(255), index=True)
    room_id: Mapped[str | None] = mapped_column(String(255), index=True, default=None)
    membership: Mapped[str] = mapped_column(String(10), default="")


class Organiser(Base, kw_only=True):
    """Who leads the course: a full Matrix id."""

    __tablename__ = "organisers"
    __table_args__ = (UniqueConstraint("course_id", "mxid"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = course_key()
    mxid: Mapped[str] = mapped_column(String(255), index=True)


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


# ------------------------------------------------------------------ its people


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


class Person(Base, kw_only=True):
    """Somebody who takes part, known by a role; `mxid` is empty until there is an account.

    `warned` is how tight their attendance was when the organisers heard of it last.
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


class Group(Base, kw_only=True):
    """A project group and what it works on."""

    __tablename__ = "groups"
    __table_args__ = (UniqueConstraint("course_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = course_key()
    number: Mapped[int]
    topic: Mapped[str]


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


# ------------------------------------------------------------------ its polls


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
    on after it had closed, `counted` the last ballot that its result knows of.
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


# ------------------------------------------------------------------ what its people say


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


# ------------------------------------------------------------------ the clock and the outbox


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
    """

    __tablename__ = "questions"

    room_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    mxid: Mapped[str] = mapped_column(String(255), primary_key=True)
    answers: Mapped[dict[str, str]] = mapped_column(JSON)
    confirms: Mapped[bool] = mapped_column(default=False)
    cause: Mapped[str] = mapped_column(String(255), default="")
    asked: Mapped[datetime]
    expires: Mapped[datetime]


# ------------------------------------------------------------------ the edge


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
