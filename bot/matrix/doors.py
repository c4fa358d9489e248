"""Go through doors: join, decline and leave rooms, and ask the server what is behind an alias."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from bot.matrix.client import Client
from bot.matrix.pauses import Pauses
from bot.matrix.state import Rooms, sound
from bot.obstacles import PARKED, Forbidden, Rejected
from storage import invitations, rooms
from storage.database import Sessions
from storage.models import Invitation

log = logging.getLogger(__name__)

INSIDE = "joined_rooms"
"""What the server is asked for every ten minutes."""


@dataclass
class Doors:
    """Each door that stays shut is left alone for a while.

    `joining` are the rooms that the bot enters and has not read yet. All methods raise
    `Unreachable`, `Broken` or `SignedOut`, and `verify` whatever `Client.call` raises.
    """

    client: Client
    sessions: Sessions
    rooms: Rooms
    clock: Callable[[], datetime]
    joining: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.pauses = Pauses(self.clock)

    async def resolve(self, alias: str) -> None:
        """Find the room of a course that is only known by its alias."""
        try:
            answer = await self.client.call("GET", "directory", "room", alias)
        except (Forbidden, Rejected):
            answer = {}
        room_id = answer.get("room_id")
        if not sound(room_id, "!"):
            self.pauses.begin(alias)
            return
        async with self.sessions.begin() as db:
            await rooms.resolve(db, alias, room_id)

    async def enter(self, invitation: Invitation) -> None:
        """Join; the next /sync shows the room. A door that is shut is forgotten."""
        room_id, server = invitation.room_id, invitation.inviter.partition(":")[2]
        async with self.sessions.begin() as db:
            await invitations.accept(db, invitation)
        self.joining.add(room_id)
        via = urlencode({"via": server, "server_name": server})
        try:
            await self.client.call("POST", "join", room_id, body={}, query=f"?{via}")
            self.pauses.begin(room_id)
        except (Forbidden, Rejected) as error:
            log.warning("cannot join %s: %s", room_id, error)
            async with self.sessions.begin() as db:
                await invitations.drop(db, room_id)
            self.forget(room_id)
            self.pauses.begin(room_id, PARKED)

    async def decline(self, invitation: Invitation) -> None:
        """Say no, and count it."""
        await self.leave(invitation.room_id)
        async with self.sessions.begin() as db:
            await invitations.decline(db, invitation, self.clock().date())
        self.pauses.end(invitation.room_id)
        log.info("declined an invitation from %s", invitation.inviter)

    async def leave(self, room_id: str) -> None:
        """Leave a room or decline its invitation; no /sync shows what the bot does itself."""
        try:
            await self.client.call("POST", "rooms", room_id, "leave", body={})
        except (Forbidden, Rejected) as error:
            log.warning("cannot leave %s: %s", room_id, error)
        self.rooms.known.pop(room_id, None)
        self.pauses.begin(room_id, PARKED)

    async def verify(self) -> None:
        """Ask where the bot is: no /sync shows what its own account has done on another device."""
        before = set(self.rooms.known)
        answer = await self.client.call("GET", INSIDE)
        inside = answer.get("joined_rooms")
        if isinstance(inside, list):
            for room_id in before.difference(name for name in inside if sound(name, "!")):
                self.rooms.known.pop(room_id, None)
        self.pauses.begin(INSIDE, PARKED)

    def forget(self, room_id: str) -> None:
        """Whatever was going on with this room, it is over."""
        self.joining.discard(room_id)
        self.pauses.end(room_id)
