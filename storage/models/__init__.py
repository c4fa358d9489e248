"""The tables: what the bot knows about courses and must not forget, one file per subject."""

from storage.models.base import Base, Moment
from storage.models.clock import Action, Change, Notice, Occurrence, OutgoingMessage, Question, Rule
from storage.models.course import Break, Course, Holiday, Meeting, Organiser, Room, Speaker
from storage.models.edge import (
    Declined,
    DirectChat,
    Fact,
    Invitation,
    Quarantine,
    SealedEvent,
    SeenEvent,
    Upgrade,
)
from storage.models.ending import Alumnus, Erasure
from storage.models.people import (
    Attendance,
    Entry,
    Group,
    Network,
    Person,
    Quote,
    TandemMember,
    TandemSeat,
    Tip,
)
from storage.models.polls import Ballot, Poll, Topic
from storage.models.voices import (
    Feedback,
    Reminder,
    SpeakerQuestion,
    Subscription,
    Support,
    TaskDone,
)

__all__ = [
    "Action",
    "Alumnus",
    "Attendance",
    "Ballot",
    "Base",
    "Break",
    "Change",
    "Course",
    "Declined",
    "DirectChat",
    "Entry",
    "Erasure",
    "Fact",
    "Feedback",
    "Group",
    "Holiday",
    "Invitation",
    "Meeting",
    "Moment",
    "Network",
    "Notice",
    "Occurrence",
    "Organiser",
    "OutgoingMessage",
    "Person",
    "Poll",
    "Quarantine",
    "Question",
    "Quote",
    "Reminder",
    "Room",
    "Rule",
    "SealedEvent",
    "SeenEvent",
    "Speaker",
    "SpeakerQuestion",
    "Subscription",
    "Support",
    "TandemMember",
    "TandemSeat",
    "TaskDone",
    "Tip",
    "Topic",
    "Upgrade",
]
