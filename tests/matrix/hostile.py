"""Events that no client sends: of every kind, and wrong in every way; the same seed, the same ones.

Each begins as a sound one and is then spoiled in some places. All made-up texts contain CANARY, so
that one can see where they end up.
"""

import base64
import copy
import json
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

import vodozemac

from tests import databases
from tests.matrix.service import Service

Json = dict[str, Any]

CANARY = "Zitronenfalter"
COMMANDS = ("!hilfe", "!programm", "!netzwerk wattkante", "kursbot: hilfe", "!", "!wasauchimmer")

RAW = {
    "<deep>": b'{"a":[' * 500 + b"1" + b"]}" * 500,
    "<giant>": b"9" * 5_000,
    "<infinite>": b"1e999",
    "<bytes>": b'"\xff\xfe\xc3"',
}
"""What `json.dumps` cannot write: its place, and the text that comes there."""

ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyz ",
    "äöüßÄÖÜ„“–… \u00a0",
    "\x00\x01\x1b\x7f\x85\r\n\t",
    "\ud800\udbff\udc00\udfff",
    "\u202a\u202b\u202d\u202e\u2066\u2069\u200b\u200f\ufeff",
    "a\u0300\u0301\u0316\u0489\ufe0f\u20e3",
    "👍🏽👩\u200d👩\u200d👧🇩🇪\U000e0001\U0010ffff",
    "<>&\"'%{}[]()*_`~|\\/#@!:;,.-+=",
    "٣๔Ⅻ½²①",
)

TIMELINE = (
    *("m.room.message", "m.room.message", "m.room.message", "m.sticker", "m.reaction"),
    *("m.room.redaction", "m.room.encrypted", "m.poll.start", "m.poll.response", "m.poll.end"),
    "org.matrix.msc3381.poll.start",
    "org.matrix.msc3381.poll.response",
    "org.matrix.msc3381.poll.end",
    *("m.call.invite", "m.beacon", "m.location", "m.key.verification.start", "de.example.new", ""),
)
STATE = (
    *("m.room.member", "m.room.power_levels", "m.room.create", "m.room.encryption"),
    *("m.room.tombstone", "m.room.history_visibility", "m.room.name", "m.room.topic"),
    *("m.room.join_rules", "m.room.canonical_alias", "m.room.pinned_events", "m.room.avatar"),
    *("m.room.guest_access", "m.room.server_acl", "m.room.third_party_invite", "m.space.child"),
)
TO_DEVICE = (
    *("m.room.encrypted", "m.room.encrypted", "m.room_key", "m.forwarded_room_key", "m.dummy"),
    *("m.room_key_request", "m.room_key.withheld", "m.secret.request", "m.secret.send"),
    *("m.key.verification.request", "m.key.verification.start", "m.key.verification.key"),
    *("m.key.verification.mac", "m.key.verification.cancel", "de.example.new", ""),
)
MESSAGES = (
    *("m.text", "m.text", "m.text", "m.emote", "m.notice", "m.image", "m.file", "m.video"),
    *("m.audio", "m.location", "m.key.verification.request", ""),
)
MEGOLM, OLM = "m.megolm.v1.aes-sha2", "m.olm.v1.curve25519-aes-sha2"


def wire(value: object) -> bytes:
    """The value as it goes over the line."""
    text = json.dumps(value).encode()
    for place, raw in RAW.items():
        text = text.replace(json.dumps(place).encode(), raw)
    return text


def may_ask(event: Json, direct: bool) -> bool:
    """Whether the bot may answer it."""
    kind, content = event.get("type"), event.get("content")
    if kind == "m.room.encrypted" or (kind == "m.sticker" and direct):
        return True
    if kind != "m.room.message" or not isinstance(content, dict):
        return False
    if content.get("msgtype") in ("m.text", "m.emote"):
        return direct or any(command in str(content) for command in COMMANDS)
    return direct and content.get("msgtype") in ("m.image", "m.file", "m.video", "m.audio")


def silent(service: Service) -> None:
    """No word of anybody in the log or the quarantine."""
    log = service.log.read_text("utf-8", errors="replace")
    assert CANARY not in log
    assert "Traceback" not in log
    rows = databases.query(service.url, "SELECT * FROM quarantine")
    print(f"{len(log)} bytes of log, {Counter(row[4] for row in rows)} in quarantine")
    assert CANARY not in str(rows)


class Malice:
    """Makes events of these people in these rooms; `now` in milliseconds since 1970."""

    def __init__(
        self, seed: int, bot: str, people: Sequence[str], rooms: Sequence[str], now: int
    ) -> None:
        self.dice = Random(seed)
        self.bot, self.people, self.rooms, self.now = bot, people, rooms, now
        self._number = 0

    # Anything

    def text(self) -> str:
        """Some characters of one kind; rarely as many as an event can hold."""
        length = 60_000 if self.dice.random() < 0.001 else self.dice.randrange(20)
        return CANARY + "".join(self.dice.choices(self.dice.choice(ALPHABETS), k=length))

    def junk(self, depth: int = 0) -> Any:
        """Any JSON value, and some that are none."""
        dice = self.dice
        kind = dice.randrange(12 if depth < 3 else 10)
        if kind < 2:
            return dice.choice((None, True, False, "", [], {}))
        if kind < 4:
            return dice.choice((0, -1, 1, 2**31, 2**53, -(2**63), 10**30, 10**400, -(10**400)))
        if kind == 4:
            return dice.choice((0.5, -1e308, 5e-324, math.nan, math.inf, -math.inf))
        if kind == 5:
            return dice.choice([*RAW])
        if kind == 6:
            return dice.choice((self.bot, *self.people, *self.rooms, "$h1", "@", "!", "#x:y", "$"))
        if kind < 10:
            return self.text()
        inside = [self.junk(depth + 1) for _ in range(dice.choice((1, 1, 2, 50)) >> 2 * depth)]
        return inside if kind == 10 else {self.text()[:40]: one for one in inside}

    def spoil(self, value: Any, times: int = 1, deepest: float = math.inf) -> Any:
        """The value with something missing, added or replaced, at most so many levels down."""
        value = copy.deepcopy(value)
        for _ in range(times):
            if self.dice.random() < 0.02 or not isinstance(value, dict | list) or not value:
                return self.junk()
            self._break(*self._place(value, deepest))
        return value

    def _place(self, value: Any, deepest: float) -> tuple[Any, Any]:
        """Somewhere in a container: the innermost container, and the key or index there."""
        level = 1
        while True:
            keys = range(len(value)) if isinstance(value, list) else sorted(value)
            key = self.dice.choice(keys)
            inner = value[key]
            down = isinstance(inner, dict | list) and inner and level < deepest
            if not down or self.dice.random() < 0.25:
                return value, key
            value, level = inner, level + 1

    def _break(self, holder: Any, key: Any) -> None:
        match self.dice.randrange(6):
            case 0:
                del holder[key]
            case 1:
                holder[key] = [holder[key]]
            case 2:
                holder[key] = {self.text()[:40]: holder[key]}
            case 3 if isinstance(holder, dict):
                added = self.dice.choice(("state_key", "m.relates_to", "body", self.text()[:40]))
                holder[added] = self.junk()
            case _:
                holder[key] = self.junk()

    def name(self) -> str:
        """The id of a new event."""
        self._number += 1
        return f"$h{self._number}"

    # Sound events, and what becomes of them

    def spoiled(self, event: Json) -> Any:
        """Rarely as it was, mostly with one to three faults, and most of them in its content."""
        times = self.dice.choice((0, 1, 1, 1, 2, 3))
        if self.dice.random() < 0.3:
            return self.spoil(event, times)
        return event | {"content": self.spoil(event["content"], times)}

    def envelope(self, kind: str, content: Any, **more: Any) -> Json:
        """An event of a room."""
        return {
            "type": kind,
            "event_id": self.name(),
            "sender": self.dice.choice(self.people),
            "origin_server_ts": self.now - self.dice.randrange(5_000),
            "content": content,
            "unsigned": {"age": 1},
            **more,
        }

    def said(self) -> Json:
        """An event of a room's timeline."""
        kind = self.dice.choice(TIMELINE)
        more = {"redacts": self.old()} if kind == "m.room.redaction" else {}
        return self.envelope(kind, self.content(kind), **more)

    def state(self) -> Json:
        """A piece of the state of a room."""
        kind = self.dice.choice(STATE)
        key = self.dice.choice(self.people) if kind == "m.room.member" else ""
        return self.envelope(kind, self.content(kind), state_key=key)

    def old(self) -> str:
        """The id of an event that there was, perhaps."""
        return f"$h{self.dice.randrange(self._number + 2)}"

    def content(self, kind: str) -> Json:
        """What an event of this type may say; nothing where the bot does not look."""
        make: Mapping[str, Callable[[], Json]] = {
            "m.room.message": self._message,
            "m.sticker": lambda: {"body": self.text(), "url": "mxc://a/b", "info": {"w": 1}},
            "m.reaction": lambda: {"m.relates_to": self._relation("m.annotation") | {"key": "👍"}},
            "m.room.redaction": lambda: {"reason": self.text(), "redacts": self.old()},
            "m.room.encrypted": lambda: self.ciphertext(self.text()),
            **{kind: self._poll for kind in TIMELINE if ".start" in kind},
            **{kind: self._vote for kind in TIMELINE if "poll.response" in kind},
            "m.room.member": lambda: {
                "membership": self.dice.choice(("join", "invite", "leave", "ban", "knock")),
                "displayname": self.text(),
            },
            "m.room.power_levels": lambda: {
                "users": {self.dice.choice(self.people): self.dice.randrange(101)},
                "events": {"m.room.message": 0, "m.room.tombstone": 100},
                **dict.fromkeys(("users_default", "events_default", "state_default"), 0),
            },
            "m.room.create": lambda: {"room_version": "12", "additional_creators": [*self.people]},
            "m.room.encryption": lambda: {"algorithm": MEGOLM, "rotation_period_msgs": 1},
            "m.room.tombstone": lambda: {"replacement_room": "!next:x", "body": self.text()},
            "m.room.history_visibility": lambda: {"history_visibility": "joined"},
        }
        if kind in make:
            return make[kind]()
        return {"name": self.text(), "topic": self.text(), "alias": "#a:b"}

    def _message(self) -> Json:
        body = self.dice.choice(COMMANDS) if self.dice.random() < 0.15 else self.text()
        message = {"msgtype": self.dice.choice(MESSAGES), "body": body, "m.mentions": {}}
        match self.dice.randrange(4):
            case 0:
                message |= {"format": "org.matrix.custom.html", "formatted_body": f"<b>{body}</b>"}
            case 1:
                message["m.relates_to"] = {"m.in_reply_to": {"event_id": self.old()}}
            case 2:
                message |= {"m.new_content": dict(message)}
                message["m.relates_to"] = self._relation("m.replace")
        return message

    def _relation(self, kind: str) -> Json:
        return {"rel_type": kind, "event_id": self.old()}

    def _poll(self) -> Json:
        answers = [{"id": str(n), "org.matrix.msc1767.text": self.text()} for n in range(2)]
        poll = {"question": {"body": self.text()}, "answers": answers, "max_selections": 1}
        return {"org.matrix.msc3381.poll.start": poll, "m.poll": poll}

    def _vote(self) -> Json:
        return {
            "m.relates_to": self._relation("m.reference"),
            "org.matrix.msc3381.poll.response": {"answers": ["1"]},
            "m.selections": ["1"],
        }

    def ciphertext(self, text: str) -> Json:
        """Of a session that nobody knows."""
        return {
            "algorithm": MEGOLM,
            "sender_key": "A" * 43,
            "session_id": "B" * 43,
            "device_id": "C",
            "ciphertext": text,
        }

    def to_device(self, own_key: str = "A" * 43) -> Json:
        """A message of anybody, strangers included, to the bot's device with this key."""
        dice, kind = self.dice, self.dice.choice(TO_DEVICE)
        letter = {"type": dice.randrange(3), "body": dice.choice(("AwoA", "", "A" * 200, "€"))}
        content = {
            "algorithm": OLM if kind == "m.room.encrypted" else MEGOLM,
            "sender_key": "B" * 43,
            "ciphertext": {own_key: letter},
            "room_id": dice.choice(self.rooms),
            "session_id": "C" * 43,
            "session_key": "A" * 300,
            "transaction_id": "t",
            "from_device": "D",
            "methods": ["m.sas.v1"],
            "action": "request",
            "body": self.ciphertext(""),
        }
        sender = dice.choice((*self.people, self.bot, "@stranger:elsewhere"))
        return {"type": kind, "sender": sender, "content": content}

    # Answers to /sync

    def batch(
        self, said: Sequence[tuple[str, Any]], letters: Sequence[Any], shape: bool = True
    ) -> Json:
        """An answer to /sync with these events of rooms and these to-device messages.

        With `shape`, one of three has a fault in its own structure, too.
        """
        rooms: Json = {}
        for room, event in said:
            news = rooms.setdefault(room, {"timeline": {"events": []}, "state": {"events": []}})
            place = "state" if isinstance(event, dict) and "state_key" in event else "timeline"
            news[self.dice.choice(("timeline", place))]["events"].append(event)
        for news in rooms.values():
            news["timeline"] |= {"limited": self.dice.random() < 0.1, "prev_batch": "p"}
            news["summary"] = {"m.joined_member_count": 2}
        invited = {"type": "m.room.member", "sender": "@x:y", "state_key": self.bot}
        invited["content"] = {"membership": "invite", "is_direct": True}
        batch: Json = {
            "rooms": {
                "join": rooms,
                "invite": {"!new:x": {"invite_state": {"events": [self.spoiled(invited)]}}},
                "leave": {"!gone:x": {"timeline": {"events": [self.spoiled(self.state())]}}},
            },
            "to_device": {"events": [*letters]},
            "device_lists": {"changed": [*self.people, self.junk()], "left": [self.junk()]},
            "device_one_time_keys_count": {"signed_curve25519": 50},
            "device_unused_fallback_key_types": ["signed_curve25519"],
        }
        if shape and self.dice.random() < 0.33:
            batch = self.spoil(batch, self.dice.choice((1, 2)), deepest=5)
        return batch if isinstance(batch, dict) else {"rooms": batch}


class Device:
    """A device with real keys: what it encrypts for the bot can be decrypted, whatever it is."""

    def __init__(self, user_id: str, device_id: str = "EVIL") -> None:
        self.user_id, self.device_id = user_id, device_id
        self._account = vodozemac.Account()
        self._room_keys: dict[str, vodozemac.GroupSession] = {}

    @property
    def key(self) -> str:
        """Its Curve25519 key."""
        return str(self._account.curve25519_key.to_base64())

    def described(self, change: Callable[[Json], Any] = lambda known: known) -> Any:
        """What it would upload about itself, signed; as far as possible also after a change."""
        ed25519 = self._account.ed25519_key.to_base64()
        keys = {f"curve25519:{self.device_id}": self.key, f"ed25519:{self.device_id}": ed25519}
        known = {"user_id": self.user_id, "device_id": self.device_id, "keys": keys}
        changed = change(known | {"algorithms": [OLM, MEGOLM]})
        try:
            return self._signed(changed)
        except (TypeError, ValueError):
            return changed

    def one_time_key(self) -> Json:
        """As it comes back from keys/claim."""
        self._account.generate_one_time_keys(1)
        key = next(iter(self._account.one_time_keys.values()))
        self._account.mark_keys_as_published()
        return {"signed_curve25519:AAAA": self._signed({"key": key.to_base64()})}

    def _signed(self, value: Json) -> Json:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        signature = self._account.sign(text.encode()).to_base64()
        return value | {
            "signatures": {self.user_id: {f"ed25519:{self.device_id}": signature}},
        }

    def meet(self, theirs: Json, one_time_key: str) -> None:
        """Begin an Olm session with the device that is described like this."""
        name = theirs["device_id"]
        kinds = ("curve25519", "ed25519")
        self._theirs = {kind: theirs["keys"][f"{kind}:{name}"] for kind in kinds}
        self._recipient = theirs["user_id"]
        keys = (self._theirs["curve25519"], one_time_key)
        session = map(vodozemac.Curve25519PublicKey.from_base64, keys)
        self._olm = self._account.create_outbound_session(*session)

    def payload(self, kind: str, content: Json) -> Json:
        """What goes into an Olm envelope."""
        return {
            "type": kind,
            "content": content,
            "sender": self.user_id,
            "sender_device": self.device_id,
            "keys": {"ed25519": self._account.ed25519_key.to_base64()},
            "recipient": self._recipient,
            "recipient_keys": {"ed25519": self._theirs["ed25519"]},
        }

    def room_key(self, room: str) -> Json:
        """The content of an `m.room_key`, with the key of the messages that follow."""
        session = self._room_keys[room] = vodozemac.GroupSession()
        return {
            "algorithm": MEGOLM,
            "room_id": room,
            "session_id": session.session_id,
            "session_key": session.session_key.to_base64(),
        }

    def olm(self, plain: bytes) -> Json:
        """The content of a to-device message with this inside."""
        kind, body = self._olm.encrypt(plain).to_parts()
        letter = {"type": kind, "body": base64.b64encode(body).decode().rstrip("=")}
        ciphertext = {self._theirs["curve25519"]: letter}
        return {"algorithm": OLM, "sender_key": self.key, "ciphertext": ciphertext}

    def megolm(self, room: str, plain: bytes) -> Json:
        """The content of a room event with this inside; needs `room_key` for the room first."""
        session = self._room_keys[room]
        return {
            "algorithm": MEGOLM,
            "sender_key": self.key,
            "device_id": self.device_id,
            "session_id": session.session_id,
            "ciphertext": session.encrypt(plain).to_base64(),
        }
