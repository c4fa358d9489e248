"""What happens in rooms, as the server tells it and as its readers understand it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]

SEALED = "m.room.encrypted"


@dataclass(frozen=True)
class Event:
    """What happened in a room; invitations have neither id nor time.

    What came `encrypted` has the type and content that it was encrypted with, once it can be read.
    """

    room: str
    id: str
    type: str
    sender: str
    content: Json
    state_key: str | None
    sent_at: datetime
    encrypted: bool = False

    @property
    def body(self) -> str:
        """The plain text of a message, empty for anything else."""
        return str(self.content.get("body", ""))

    @property
    def unreadable(self) -> bool:
        """Whether this came encrypted and there is no key for it; what was deleted needs none."""
        return self.type == SEALED and bool(self.content)


def read(room: str, source: Json) -> Event:
    """An event of this room from its JSON."""
    return Event(
        room=room,
        id=source.get("event_id", ""),
        type=source["type"],
        sender=source["sender"],
        content=source["content"],
        state_key=source.get("state_key"),
        sent_at=datetime.fromtimestamp(source.get("origin_server_ts", 0) / 1000, UTC),
        encrypted=source["type"] == SEALED,
    )
