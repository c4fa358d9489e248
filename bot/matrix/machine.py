"""nio's Olm account with its keys on disk, and what it must not do differently from other clients.

Every override says which behaviour of nio 0.26 it replaces. Nothing here speaks to the server.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

from nio import EncryptionError, KeysClaimResponse, KeysQueryResponse, OlmEvent
from nio.crypto import InboundGroupSession, Olm, OlmDevice, OutboundGroupSession
from nio.store import SqliteStore
from peewee import SqliteDatabase
from vodozemac import Curve25519PublicKey

from bot.matrix.reading import parse
from bot.matrix.translate import part

Json = dict[str, Any]
Device = tuple[str, str]
"""Somebody's Matrix id and one of their device ids."""

FILE = "olm.db"
MEGOLM, OLM = "m.megolm.v1.aes-sha2", "m.olm.v1.curve25519-aes-sha2"
SIGNED = "signed_curve25519"

FEW = 25
"""One-time keys on the server below which new ones are made; it keeps 50 at most."""

MOST_MESSAGES, LONGEST = 100, timedelta(days=7)
"""After as many messages, or so long, a room gets a new key (spec, "m.room.encryption")."""


class Store(SqliteStore):  # type: ignore[misc]
    """nio's key store, written through to the disk: a forgotten key is a message lost."""

    def _create_database(self) -> SqliteDatabase:
        pragmas = {"foreign_keys": 1, "secure_delete": 1, "journal_mode": "wal", "synchronous": 2}
        return SqliteDatabase(self.database_path, pragmas=pragmas)


class Machine(Olm):  # type: ignore[misc]
    """The keys of one device. Raises what SQLite or the keys raise when the file is damaged."""

    uploaded_key_count: int | None

    def __init__(self, user_id: str, device_id: str, folder: Path) -> None:
        super().__init__(user_id, device_id, Store(user_id, device_id, str(folder), "", FILE))
        self._seen: dict[tuple[str, int], str] = {}
        self.generation = int(self.store.database.user_version)
        """Rises with everything that makes an older copy of the file useless."""

    def close(self) -> None:
        """Let go of the file."""
        self.store.database.close()

    def saving(self) -> AbstractContextManager[object]:
        """One transaction, and one wait for the disk, for everything in the block."""
        found: AbstractContextManager[object] = self.store.database.atomic()
        return found

    def age(self) -> None:
        """Make every earlier copy of the file recognisable as old."""
        self.generation += 1
        self.store.database.user_version = self.generation

    # Trust: people see by cross-signing that the bot is itself; it has no eyes to compare emojis
    # with, and writes for every device that is in the room. nio asks the file each time.

    def is_device_verified(self, device: OlmDevice) -> bool:
        """Nobody is verified by hand."""
        return False

    def is_device_blacklisted(self, device: OlmDevice) -> bool:
        """Nobody is left out."""
        return False

    def is_device_ignored(self, device: OlmDevice) -> bool:
        """Unverified devices are written for, without being noted down as exceptions."""
        return True

    # Our own keys

    @property
    def fingerprint(self) -> str:
        """The public Ed25519 key of this device."""
        return str(self.account.identity_keys["ed25519"])

    def fresh_keys(self, fallback: bool) -> Json:
        """What the server lacks of our keys, safe on disk before anybody can use them.

        nio saves one-time keys only after their upload: a crash in between loses them. It knows
        no fallback key, and takes a count of 0 for "unknown".
        """
        body: Json = {}
        count = self.uploaded_key_count
        if not self.account.shared or (count is not None and count < FEW):
            body = self.share_keys()
        if fallback:
            keys = self.account._account
            keys.generate_fallback_key()
            body["fallback_keys"] = {
                f"{SIGNED}:{name}": self._signed({"key": key.to_base64(), "fallback": True})
                for name, key in keys.fallback_key.items()
            }
        if body:
            self.save_account()
        return body

    def published(self, count: int) -> None:
        """The server has our keys, and so many one-time keys in all."""
        self.account.shared = True
        self.uploaded_key_count = count
        self.mark_keys_as_published()
        self.save_account()

    def _signed(self, key: Json) -> Json:
        signature = self.sign_json(key)
        return {**key, "signatures": {self.user_id: {f"ed25519:{self.device_id}": signature}}}

    # Other people's keys; each is taken alone, so that a malformed one harms nobody else

    def devices(self, users: set[str]) -> dict[Device, OlmDevice]:
        """Their devices, without our own."""
        return {
            (user, device.id): device
            for user in users
            for device in self.device_store.active_user_devices(user)
            if (user, device.id) != (self.user_id, self.device_id)
        }

    def learn_devices(self, user: str, devices: Json) -> None:
        """These are all devices of a user; those that do not describe themselves well are none."""
        sound = {name: keys for name, keys in devices.items() if self._signs(user, name, keys)}
        self.users_for_key_query.discard(user)
        self._handle_key_query(KeysQueryResponse({user: sound}, {}))

    def _signs(self, user: str, name: str, keys: object) -> bool:
        """Whether somebody's device says who it is, has signed it, and can be written to."""
        if not isinstance(keys, dict):
            return False
        keys.pop("unsigned", None)  # nobody needs its display name, which may be anything
        if (keys.get("user_id"), keys.get("device_id")) != (user, name):
            return False
        try:
            Curve25519PublicKey.from_base64(keys["keys"][f"curve25519:{name}"])
            return bool(self.verify_json(keys, keys["keys"][f"ed25519:{name}"], user, name))
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            return False

    def meet(self, user: str, device: str, keys: Json) -> None:
        """Begin an Olm session with a one-time key. Raises what nio raises for a malformed one."""
        if keys:
            self._handle_key_claiming(KeysClaimResponse({user: {device: keys}}, {}))

    # Room keys that arrive

    def learn_key(self, event: Json) -> None:
        """Read an encrypted to-device message, in most cases a room key.

        Raises what nio and vodozemac raise for malformed ones.
        """
        content = part(event, "content")
        ciphertext, key = content.get("ciphertext"), content.get("sender_key")
        if content.get("algorithm") == OLM and isinstance(ciphertext, dict) and key:
            source = {**event, "content": content}
            self.decrypt_event(OlmEvent(source, str(event["sender"]), str(key), ciphertext))

    def create_group_session(
        self, sender_key: str, sender_fp_key: str, room_id: str, session_id: str, session_key: str
    ) -> None:
        """Keep a room key; nio lets a later key of the same session replace the earlier one."""
        session = InboundGroupSession(session_key, sender_fp_key, sender_key, room_id)
        known = self.inbound_group_store.get(room_id, sender_key, session.id)
        if session.id != session_id:
            raise EncryptionError("a room key with the name of another one")
        if known is None or session.first_known_index < known.first_known_index:
            self.inbound_group_store.add(session)
            self.save_inbound_group_session(session)

    # Messages

    def unseal(self, room_id: str, event: Mapping[str, Any]) -> Json:
        """The event in clear: type and content as encrypted, the rest as the server has it.

        Raises `EncryptionError` while there is no key for it, ValueError and others for malformed
        ones. nio does not read events without `sender_key`, which the specification deprecates.
        """
        content, sender = part(event, "content"), str(event.get("sender"))
        session = self._room_key(room_id, sender, content)
        text, index = session.decrypt(str(content.get("ciphertext")))
        event_id = str(event.get("event_id"))
        if self._seen.setdefault((session.id, index), event_id) != event_id:
            raise ValueError("a message that was sent before as another one")
        clear = parse(text.encode())
        if clear.get("room_id") != room_id:
            raise ValueError("a message for another room")
        kind, inner = clear.get("type"), clear.get("content")
        if not (isinstance(kind, str) and isinstance(inner, dict)):
            raise ValueError("a message without type or content")
        if "m.relates_to" in content:
            inner.setdefault("m.relates_to", content["m.relates_to"])
        return {**event, "type": kind, "content": inner}

    def _room_key(self, room_id: str, sender: str, content: Json) -> InboundGroupSession:
        by_sender = self.inbound_group_store[room_id]
        name = str(content.get("session_id"))
        keys = [content["sender_key"]] if "sender_key" in content else list(by_sender)
        for key in keys:
            session = by_sender[key].get(name) if key in by_sender else None
            if session is not None and not self._belongs_to_another(key, sender):
                return session
        raise EncryptionError("no key for this message")

    def _belongs_to_another(self, sender_key: str, sender: str) -> bool:
        """Whether the server shows somebody's message as another person's."""
        if sender_key == self.account.identity_keys["curve25519"]:
            return sender != str(self.user_id)
        owners = {d.user_id for d in self.device_store if d.curve25519 == sender_key}
        return bool(owners) and sender not in owners

    def seal(self, room_id: str, kind: str, content: Json) -> Json:
        """The content of an `m.room.encrypted` event; relations stay readable for the server."""
        sealed: Json = self.group_encrypt(room_id, {"type": kind, "content": content})
        if "m.relates_to" in content:
            sealed["m.relates_to"] = content["m.relates_to"]
        return sealed

    def room_session(self, room_id: str, devices: set[Device], rules: Json) -> OutboundGroupSession:
        """The key for our messages in a room; a new one when somebody who has it is gone.

        nio forgets that people leave while the bot is away, and the room's own rotation rules.
        """
        session = self.outbound_group_sessions.get(room_id)
        if session is None or session.expired or not session.users_shared_with <= devices:
            self.create_outbound_group_session(room_id)
            session = self.outbound_group_sessions[room_id]
            session.max_messages = _between(rules.get("rotation_period_msgs"), 1, MOST_MESSAGES)
            longest = int(LONGEST.total_seconds() * 1000)
            period = _between(rules.get("rotation_period_ms"), 3_600_000, longest)
            session.max_age = timedelta(milliseconds=period)
        return session

    def parcels(self, room_id: str, users: set[str]) -> Iterator[tuple[set[Device], Json]]:
        """The room's key for each device that lacks it, in parcels of some devices.

        nio would begin a new session if this one had been given to anybody before.
        """
        self.outbound_group_sessions[room_id].shared = False
        parcels = iter(self.share_group_session_parallel(room_id, sorted(users), True))
        while True:
            with self.saving():
                parcel = next(parcels, None)
            if parcel is None:
                return
            yield parcel


def _between(value: object, least: int, most: int) -> int:
    """A number from a room's settings, kept within what is sensible; without one the most."""
    return min(max(value, least), most) if isinstance(value, int) else most
