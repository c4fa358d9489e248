"""What the bot can say, as values: commands and schedules return them, the outbox keeps them.

The text knows one markup, `**bold**`; addresses become links. It must be complete as plain text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NewType

from storage.chart import Chart

Place = NewType("Place", str)
"""Where something is said: `direct`, or the kind of a course room."""

DIRECT = Place("direct")
INFO = Place("ankuendigungen")
TALK = Place("austausch")
ORGA = Place("orga")
ALUMNI = Place("alumni")

A_WHILE, A_DAY = timedelta(minutes=10), timedelta(days=1)
"""How long a question may be answered: to somebody who is there, and to somebody who may not be."""

ANSWERS = ("mit Namen", "ja mit Namen", "ohne Namen", "löschen", "Stimme", "Rückmeldung")
"""What a question may expect besides numbers, ja, nein and mehr; in a direct chat only."""

WITHOUT, LATER = "ja ohne Ansage", "Uhrzeit"
"""What the preview of something public may expect in a room: a silent yes, and a time for it."""

EVERYBODY = "@room"
"""What a post begins with that is for everyone."""

ROOM_NAMES = {INFO: "Ankündigungen", TALK: "Austausch", ORGA: "Orga", DIRECT: "Direktnachricht"}
ROOM_NAMES |= {ALUMNI: "Alumni"}


@dataclass(frozen=True)
class File:
    """A file that hangs on a reply."""

    name: str
    mimetype: str
    data: bytes


@dataclass(frozen=True)
class Shared:
    """A file that is on the homeserver already: `source` says where, and has its key, as JSON."""

    name: str
    source: str


@dataclass(frozen=True)
class Reply:
    """A text to post, and what goes with it.

    `push` makes it a message that notifies; `answers` turns it into a question: each answer the
    person may give (`"1"`, `"ja"`, `"mehr"`, one of `ANSWERS`) stands for the command line it runs.
    If it `confirms`, the text is the preview of that: the command then sees `Context.confirmed`, as
    nobody can make it by typing, and what was chosen of `"ja"`, `WITHOUT` and `LATER` in
    `Context.answer`. `reactions` are emoji that everybody may put to it, each for the
    command line that it runs as if that person had typed it; of a question, 👍 and 👎 are ja and
    nein anyway.
    If `by_another`, it waits for the answer of another organiser than who has asked.
    What is `secret` is forgotten as soon as it is delivered. The `copy` is the `file` once more in
    another format.
    """

    text: str
    push: bool = False
    file: File | None = None
    shared: Sequence[Shared] = ()
    copy: File | None = None
    secret: bool = False
    answers: Mapping[str, str] = field(default_factory=dict)
    confirms: bool = False
    reactions: Mapping[str, str] = field(default_factory=dict)
    by_another: bool = False


@dataclass(frozen=True)
class Reaction:
    """A key to react with instead of words."""

    key: str


@dataclass(frozen=True)
class Post:
    """A reply that goes to another place than where it was asked, e.g. to the organisers.

    With `wants_reply`, what an organiser replies to it is carried back to who asked. A `chart` is
    posted behind the text, which says everything without it. `reactions` are as in `Reply`. It may
    be the new text of the post that the cause `edits` once was. For `everyone` it begins with
    `EVERYBODY`, and notifies also those who have muted the room.
    """

    place: Place
    text: str
    push: bool = False
    wants_reply: bool = False
    chart: Chart | None = None
    reactions: Mapping[str, str] = field(default_factory=dict)
    edits: str | None = None
    everyone: bool = False


@dataclass(frozen=True)
class Whisper:
    """Something for one person alone, in a direct chat; it notifies.

    `answers` are as in `Reply`, but for a day: typed in that chat, or 👍 and 👎 for ja and nein.
    So is `confirms`.
    """

    mxid: str
    text: str
    answers: Mapping[str, str] = field(default_factory=dict)
    confirms: bool = False
    reactions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Invite:
    """Somebody is asked into a room of the course, by the Matrix id.

    Where the bot may not do that, organisers hear of it.
    """

    place: Place
    mxid: str


@dataclass(frozen=True)
class Notice:
    """A post that hangs on the wall, and is edited there.

    It is a new text for the post that the cause `edits` once was; without one it is posted and
    pinned, `instead` of an earlier event if there is one.
    """

    text: str
    edits: str | None = None
    instead: str | None = None


@dataclass(frozen=True)
class Summons:
    """A post for everyone, as in `Post`."""

    text: str


@dataclass(frozen=True)
class Ballot:
    """A post that opens a poll: its text, then the native poll that clients draw.

    `options` are the answers by the number that people type, in order; the interim result is for
    all to see if it is `disclosed`.
    """

    text: str
    question: str
    options: Mapping[int, str]
    choices: int = 1
    disclosed: bool = False


@dataclass(frozen=True)
class Closing:
    """The end of a native poll: what is said there, and the cause that once opened it.

    Without a native poll (`poll_cause` None, or never delivered) the text is posted as such.
    """

    text: str
    poll_cause: str | None
