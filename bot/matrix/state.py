"""What a room is like: who is in it, whether it is encrypted, who may do what; from raw events.

Rules: Client-Server API, "Room events"; power levels as of room version 12 (MSC4289).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any, NamedTuple, TypeGuard

from bot.matrix.translate import entries, part
from storage.models import Upgrade

Json = dict[str, Any]

DEFAULT_LEVELS = {"state_default": 50, "events_default": 0, "users_default": 0, "redact": 50}
SHARED_FROM = 12
"""Since this version of rooms their creators may do everything, without being listed."""

MEMBERSHIPS = ("join", "invite", "leave", "ban", "knock")
VISIBILITIES = ("joined", "invited", "shared", "world_readable")

_VERSION = re.compile(r"[0-9]{1,9}")
_LEVEL = re.compile(r"\s*[+-]?[0-9]{1,30}\s*", re.ASCII)
_NAME = re.compile(r"[\x21-\x7e]{2,255}")

CALLING = 50.0
"""The power that it takes to notify everybody, if the room says nothing else."""


class Rights(NamedTuple):
    """What somebody may do in a room."""

    write: bool
    pin: bool
    name_topic: bool


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
    upgraded_by: str = ""
    topic: str = ""

    @property
    def joined(self) -> set[str]:
        """Who is in the room."""
        return {user for user, membership in self.members.items() if membership == "join"}

    @property
    def present(self) -> set[str]:
        """Who is in the room or has been asked in."""
        return {user for user, here in self.members.items() if here in ("join", "invite")}

    @property
    def audience(self) -> set[str]:
        """Who may read what is written now: the invited, too, unless history starts at joining."""
        return self.joined if self.visibility == "joined" else self.present

    @property
    def version(self) -> str:
        """The version of the room; without one it is the first."""
        return _text(self.create, "room_version") or "1"

    def apply(self, event: Mapping[str, Any]) -> None:
        """Take over a state event; one that makes no sense leaves everything as it is."""
        kind, key, content = event.get("type"), event.get("state_key"), event.get("content")
        if not isinstance(content, dict):
            return
        if kind == "m.room.member" and isinstance(key, str):
            if content.get("membership") in MEMBERSHIPS:
                self.members[key] = content["membership"]
        elif key == "":
            self._set(str(kind), content, _text(event, "sender"))

    def _set(self, kind: str, content: Json, sender: str) -> None:
        if kind == "m.room.create":
            if not self.creator:  # a room is made once
                self.create, self.creator = content, sender
        elif kind == "m.room.power_levels":
            self.levels = content
        elif kind == "m.room.encryption":
            # Whoever switches encryption off again must not make us talk openly (spec 11.12.1).
            self.encryption = content if _text(content, "algorithm") else self.encryption or content
        elif kind == "m.room.history_visibility":
            wanted = content.get("history_visibility")
            self.visibility = str(wanted) if wanted in VISIBILITIES else self.visibility
        elif kind == "m.room.tombstone" and sound(content.get("replacement_room"), "!"):
            self.successor, self.upgraded_by = content["replacement_room"], sender
        elif kind == "m.room.topic":
            self.topic = _text(content, "topic")

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

    def may_redact(self, user_id: str) -> bool:
        """Whether somebody may delete what others say, and so end their polls (MSC3381)."""
        needed = DEFAULT_LEVELS["redact"] if self.levels is None else self._default("redact")
        return self.level(user_id) >= needed

    def may_call(self, user_id: str) -> bool:
        """Whether somebody may notify everybody here at once, with `@room`."""
        levels = {} if self.levels is None else part(self.levels, "notifications")
        needed = _number(levels.get("room"), CALLING)
        return user_id in self.joined and self.level(user_id) >= needed

    def rights(self, user_id: str) -> Rights:
        """What somebody may do here, encrypted or not; `kursbot check` shows it for the bot."""
        message = "m.room.message" if self.encryption is None else "m.room.encrypted"
        return Rights(
            write=self.may_send(user_id, message),
            pin=self.may_send(user_id, "m.room.pinned_events", state=True),
            name_topic=self.may_send(user_id, "m.room.topic", state=True),
        )

    @property
    def heirs(self) -> list[str]:
        """Who of its members, former ones included, has the power to replace this room."""
        if not self.creator:
            return []
        needed = self.needed("m.room.tombstone", state=True)
        return sorted(u for u in self.members if sound(u, "@") and self.level(u) >= needed)

    @property
    def creators(self) -> set[str]:
        """Who made the room, alone or together."""
        more = self.create.get("additional_creators")
        others = {user for user in more if isinstance(user, str)} if isinstance(more, list) else ()
        return {self.creator, *others}

    @property
    def _creators_rule(self) -> bool:
        return bool(_VERSION.fullmatch(self.version)) and int(self.version) >= SHARED_FROM

    def _default(self, key: str) -> float:
        assert self.levels is not None
        return _number(self.levels.get(key), DEFAULT_LEVELS[key])


@dataclass
class Rooms:
    """The rooms that the `bot` is in."""

    known: dict[str, Room] = field(default_factory=dict)
    bot: str = ""

    def get(self, room_id: str) -> Room | None:
        """The room, if the bot is in it."""
        return self.known.get(room_id)

    def update(self, batch: Json) -> None:
        """Take over what an answer to /sync says about the rooms, whatever shape it has."""
        for room_id, news in part(batch, "rooms", "join").items():
            if sound(room_id, "!"):
                self._take(room_id, news)
        for section in ("leave", "invite", "knock"):  # who is asked in again is not in any more
            for room_id in part(batch, "rooms", section):
                self.known.pop(room_id, None)

    def _take(self, room_id: str, news: Json) -> None:
        room = self.known.get(room_id) or Room(room_id)
        for place in ("state", "timeline"):
            for event in entries(part(news, place), "events"):
                if "state_key" in event:
                    room.apply(event)
        if self.bot:  # what it does itself is not told while it reads
            room.members[self.bot] = "join"
        if room.creator:  # else this is no full state, and it may be encrypted after all
            self.known[room_id] = room

    def direct(self, room_id: str) -> bool:
        """Whether the bot and one other person are alone in the room."""
        room = self.get(room_id)
        return room is not None and len(room.present) == 2

    def may_call(self, room_id: str, user_id: str) -> bool:
        """Whether the bot may notify everybody in a room for somebody who may do so, too."""
        room = self.get(room_id)
        return room is not None and room.may_call(user_id) and room.may_call(self.bot)

    def shared_with(self, user_id: str) -> list[str]:
        """The rooms in which somebody is together with the bot."""
        joined = (r for r in self.known.values() if r.members.get(user_id) == "join")
        return [room.room_id for room in joined]


def upgrade(old: Room) -> Upgrade | None:
    """What the tombstone of a room announces; None when it has none, or from somebody powerless."""
    heirs = old.heirs if old.successor else []
    if old.upgraded_by not in heirs:
        return None
    return Upgrade(old=old.room_id, new=old.successor, by=old.upgraded_by, heirs=heirs)


def honest(upgrade: Upgrade, new: Room) -> bool:
    """Whether the new room continues the old one: it says so itself, and was made by an heir.

    Rules: Client-Server API, "Room upgrades"; the event id of the predecessor is optional since
    room version 12 (MSC4291).
    """
    before = part(new.create, "predecessor").get("room_id")
    return (new.room_id, before) == (upgrade.new, upgrade.old) and new.creator in upgrade.heirs


def sound(name: object, sigil: str) -> TypeGuard[str]:
    """Whether this may be an identifier of that kind: ! of a room, @ of a person, $ of an event."""
    return isinstance(name, str) and name[:1] == sigil and _NAME.fullmatch(name) is not None


def _number(value: object, default: float) -> float:
    """A power level; older rooms may have it as text (spec, "m.room.power_levels")."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and _LEVEL.fullmatch(value) else default


def _text(mapping: Mapping[str, Any], key: str) -> str:
    value = mapping.get(key)
    return value if isinstance(value, str) else ""
