"""What a room is like: who is in it, whether it is encrypted, who may do what; from raw events.

Rules: Client-Server API, "Room events"; power levels as of room version 12 (MSC4289).
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any

from bot.matrix.translate import entries, part

log = logging.getLogger(__name__)

Json = dict[str, Any]

DEFAULT_LEVELS = {"state_default": 50, "events_default": 0, "users_default": 0}
SHARED_FROM = 12
"""Since this version of rooms their creators may do everything, without being listed."""


@dataclass
class Room:
    """The current state of one room, as far as it matters to the bot."""

    room_id: str
    members: dict[str, str] = field(default_factory=dict)
    levels: Json | None = None
    create: Json = field(default_factory=dict)
    creator: str = ""
    encryption: Json | None = None
    visibility: str = "shared"
    successor: str = ""
    topic: str = ""

    @property
    def joined(self) -> set[str]:
        """Who is in the room."""
        return {user for user, membership in self.members.items() if membership == "join"}

    @property
    def present(self) -> set[str]:
        """Who is in the room or has been asked in."""
        return self.members.keys() & {
            user for user, membership in self.members.items() if membership in ("join", "invite")
        }

    @property
    def audience(self) -> set[str]:
        """Who may read what is written now: the invited, too, unless history starts at joining."""
        return self.joined if self.visibility == "joined" else self.present

    @property
    def version(self) -> str:
        """The version of the room; without one it is the first."""
        return str(self.create.get("room_version", "1"))

    def apply(self, event: Mapping[str, Any]) -> None:
        """Take over a state event; one that makes no sense leaves everything as it is."""
        kind, key, content = event.get("type"), event.get("state_key"), part(event, "content")
        if kind == "m.room.member" and isinstance(key, str):
            self.members[key] = str(content.get("membership", "leave"))
        elif key != "":
            return
        elif kind == "m.room.create":
            self.create, self.creator = content, str(event.get("sender", ""))
        elif kind == "m.room.power_levels":
            self.levels = content
        elif kind == "m.room.encryption":
            # Whoever switches encryption off again must not make us talk openly (spec 11.12.1).
            self.encryption = content if content.get("algorithm") else self.encryption or content
        elif kind == "m.room.history_visibility":
            self.visibility = str(content.get("history_visibility", "shared"))
        elif kind == "m.room.tombstone":
            self.successor = str(content.get("replacement_room", ""))
        elif kind == "m.room.topic":
            self.topic = str(content.get("topic", ""))

    def level(self, user_id: str) -> float:
        """The power of somebody; creators of newer rooms have more than any number."""
        if self._creators_rule and user_id in self.creators:
            return inf
        if self.levels is None:
            return 100.0 if user_id == self.creator else 0.0
        users = part(self.levels, "users")
        return _number(users.get(user_id), self._default("users_default"))

    def needed(self, kind: str, state: bool = False) -> float:
        """The power that sending an event of this type takes."""
        if self.levels is None:
            return 0.0
        default = self._default("state_default" if state else "events_default")
        return _number(part(self.levels, "events").get(kind), default)

    def may_send(self, user_id: str, kind: str, state: bool = False) -> bool:
        """Whether somebody who is in the room may send an event of this type."""
        return user_id in self.joined and self.level(user_id) >= self.needed(kind, state)

    @property
    def creators(self) -> set[str]:
        """Who made the room, alone or together."""
        more = self.create.get("additional_creators")
        others = {user for user in more if isinstance(user, str)} if isinstance(more, list) else ()
        return {self.creator, *others}

    @property
    def _creators_rule(self) -> bool:
        return self.version.isdecimal() and int(self.version) >= SHARED_FROM

    def _default(self, key: str) -> float:
        assert self.levels is not None
        return _number(self.levels.get(key), DEFAULT_LEVELS[key])


@dataclass
class Rooms:
    """The rooms that the bot is in."""

    known: dict[str, Room] = field(default_factory=dict)

    def get(self, room_id: str) -> Room | None:
        """The room, if the bot is in it."""
        return self.known.get(room_id)

    def update(self, batch: Json) -> None:
        """Take over what an answer to /sync says about the rooms; each event is guarded alone."""
        for room_id, news in part(batch, "rooms", "join").items():
            room = self.known.setdefault(room_id, Room(room_id))
            for place in ("state", "timeline"):
                for event in entries(part(news, place), "events"):
                    if "state_key" in event:
                        room.apply(event)
        for room_id in part(batch, "rooms", "leave"):
            self.known.pop(room_id, None)

    def direct(self, room_id: str) -> bool:
        """Whether the bot and one other person are alone in the room."""
        room = self.get(room_id)
        return room is not None and len(room.present) == 2


def _number(value: object, default: float) -> float:
    """A power level; older rooms may have it as text (spec, "m.room.power_levels")."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return float(default)
    try:
        return float(int(value))
    except ValueError:
        return float(default)
