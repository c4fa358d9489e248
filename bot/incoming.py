"""What comes from a room, as a value that no edge and no command depends on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from commands import Contents, Quoted
from storage.tally import VOTES


@dataclass(frozen=True)
class Message:
    """Something that somebody wrote.

    `direct` means that only the sender reads along; `media` that it is no text; `replaces` and
    `answers` name the event that it edits or replies to; `backlog` that it waited for a long time
    while the bot was away; `quoted` is what it is about, `contents` what is in a file it needs.
    `sent` is the server's time, `now` ours.
    It is `plain` if it is a text that refers to no other and was not passed on, and `exposed` if it
    came in the open into an encrypted room. `pills` are the Matrix ids that its links lead to.
    """

    event_id: str
    room_id: str
    sender: str
    body: str
    sent: datetime
    now: datetime
    direct: bool = False
    media: bool = False
    mentioned: bool = False
    replaces: str | None = None
    answers: str | None = None
    backlog: bool = False
    quoted: Quoted | None = None
    plain: bool = True
    exposed: bool = False
    pills: tuple[str, ...] = ()
    contents: Contents | None = None


@dataclass(frozen=True)
class Attachment:
    """A file that somebody puts into a room.

    `source` says where it is, and how it is opened; `name` is only for people to read. The rest is
    as in `Message`: where one organiser is alone with the bot, their room is `direct`, too.
    """

    event_id: str
    room_id: str
    sender: str
    name: str
    source: dict[str, Any]
    sent: datetime
    now: datetime
    direct: bool = False
    backlog: bool = False

    @property
    def typed(self) -> Message:
        """As a message that nobody can read."""
        where = (self.event_id, self.room_id, self.sender, "", self.sent, self.now)
        return Message(*where, direct=self.direct, media=True, backlog=self.backlog)


@dataclass(frozen=True)
class Emoji:
    """Somebody puts an emoji to what was said, the event `target`.

    `exposed` if it came in the open although the room is encrypted, as clients do it: then the
    server could have made it up. `quoted` is the target, where it was fetched.
    """

    event_id: str
    room_id: str
    sender: str
    target: str
    key: str
    sent: datetime
    now: datetime
    direct: bool = False
    backlog: bool = False
    exposed: bool = False
    quoted: Quoted | None = None
    contents: Contents | None = None

    @property
    def typed(self) -> Message:
        """As if the person had typed there what the emoji stands for."""
        where = (self.event_id, self.room_id, self.sender, self.key, self.sent, self.now)
        return Message(
            *where,
            direct=self.direct,
            backlog=self.backlog,
            quoted=self.quoted,
            contents=self.contents,
        )


@dataclass(frozen=True)
class NativeVote:
    """An answer to a native poll; no choices at all withdraw the vote.

    `type` is one of the two event types there are for it. An `edit` answers instead of the vote
    that `poll_event` is then. `sent` is what the event says, be it long ago or in the future.
    """

    event_id: str
    room_id: str
    sender: str
    poll_event: str
    choices: tuple[str, ...]
    sent: datetime
    now: datetime
    type: str = VOTES[0]
    edit: bool = False


@dataclass(frozen=True)
class PollEnd:
    """Somebody closes a native poll; `allowed` if they may: whose poll it is, and moderators."""

    event_id: str
    room_id: str
    sender: str
    poll_event: str
    sent: datetime
    now: datetime
    allowed: bool = False


@dataclass(frozen=True)
class Retraction:
    """Somebody deletes an event; `allowed` if they may do so whoever has sent it."""

    event_id: str
    room_id: str
    sender: str
    target: str
    sent: datetime
    now: datetime
    allowed: bool = False


@dataclass(frozen=True)
class Sealed:
    """A message whose key has not arrived yet; `source` is the event as the server has it."""

    event_id: str
    room_id: str
    sender: str
    source: dict[str, Any]
    sent: datetime
    now: datetime


@dataclass(frozen=True)
class Unreadable:
    """An event that makes no sense; `error` says in which way, without anything of its content."""

    event_id: str
    room_id: str
    sender: str
    error: str
    now: datetime


Incoming = Message | Attachment | Emoji | NativeVote | PollEnd | Retraction | Sealed | Unreadable
