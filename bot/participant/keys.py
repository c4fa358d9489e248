"""The room keys of a participant's device: what it can read, and who can read it; pure.

Rules: Client-Server API, "m.megolm.v1.aes-sha2" and "Sending encrypted attachments".
"""

import contextlib
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from Crypto.Cipher import AES
from vodozemac import GroupSession, InboundGroupSession, MegolmMessage, SessionKey

from bot.participant.events import SEALED, Json
from bot.participant.letters import (
    MEGOLM,
    SIGNED,
    Device,
    Identity,
    Letters,
    introduced,
    unpadded,
)

MALFORMED = (ValueError, LookupError, TypeError, AttributeError)


@dataclass
class RoomKey:
    """What this device encrypts with in a room, and the devices that have been given it."""

    session: GroupSession = field(default_factory=GroupSession)
    given: set[Device] = field(default_factory=set)


class Keys:
    """All keys of one device; they live as long as this object."""

    def __init__(self, user_id: str, device_id: str) -> None:
        self.letters = Letters(user_id, device_id)
        self._met: dict[Device, Identity] = {}
        self._own: dict[str, RoomKey] = {}
        self._readable: dict[tuple[str, str], tuple[str, InboundGroupSession]] = {}
        self._seen: dict[tuple[str, int], str] = {}

    # Reading

    def receive(self, messages: Iterable[Json]) -> None:
        """Take the room keys out of to-device messages; those that make no sense are nothing."""
        for message in messages:
            with contextlib.suppress(*MALFORMED):
                if message["type"] == SEALED:
                    self._learn(message["sender"], *self.letters.read(message))

    def _learn(self, sender: str, kind: str, content: Json) -> None:
        if (kind, content["algorithm"]) == ("m.room_key", MEGOLM):
            session = InboundGroupSession(SessionKey(content["session_key"]))
            self._keep(content["room_id"], sender, session)

    def _keep(self, room: str, owner: str, session: InboundGroupSession) -> None:
        """Of two keys for the same messages the one that begins earlier stays."""
        name = (room, session.session_id)
        if name not in self._readable or (
            session.first_known_index < self._readable[name][1].first_known_index
        ):
            self._readable[name] = (owner, session)

    def unseal(
        self, room: str, event_id: str, sender: str, content: Json
    ) -> tuple[str, Json] | None:
        """Type and content of an encrypted event; None when it cannot be read or is forged.

        Nobody may use another's key, nor one place in a key for two messages.
        """
        with contextlib.suppress(*MALFORMED):
            owner, session = self._readable[room, content["session_id"]]
            found = session.decrypt(MegolmMessage.from_base64(content["ciphertext"]))
            clear = json.loads(found.plaintext)
            place = (session.session_id, found.message_index)
            ours = (owner, clear["room_id"]) == (sender, room)
            if ours and self._seen.setdefault(place, event_id) == event_id:
                return str(clear["type"]), relation(content) | clear["content"]
        return None

    # Writing

    def seal(self, room: str, kind: str, content: Mapping[str, object]) -> Json:
        """The content of an encrypted event; what it refers to stays readable for the server."""
        session = self._own[room].session
        text = json.dumps({"room_id": room, "type": kind, "content": content})
        return {
            "algorithm": MEGOLM,
            "session_id": session.session_id,
            "ciphertext": session.encrypt(text.encode()).to_base64(),
            "sender_key": self.letters.identity.curve25519,
            "device_id": self.letters.device[1],
        } | relation(content)

    def devices(self, answer: Json) -> dict[Device, Identity]:
        """The others in an answer to /keys/query: rightly signed, with the same keys as ever."""
        found: dict[Device, Identity] = {}
        for user, devices in answer["device_keys"].items():
            for name, keys in devices.items():
                with contextlib.suppress(*MALFORMED):
                    identity = introduced((user, name), keys)
                    if self._met.setdefault((user, name), identity) == identity:
                        found[user, name] = identity
        found.pop(self.letters.device, None)
        return found

    def strangers(self, devices: Mapping[Device, Identity]) -> dict[str, dict[str, str]]:
        """Whose one-time keys are needed before they can be written to, for /keys/claim."""
        wanted: dict[str, dict[str, str]] = {}
        for (user, name), identity in devices.items():
            if not self.letters.knows(identity):
                wanted.setdefault(user, {})[name] = SIGNED
        return wanted

    def meet(self, devices: Mapping[Device, Identity], answer: Json) -> None:
        """Use an answer to /keys/claim, as far as it is rightly signed."""
        for user, found in answer["one_time_keys"].items():
            for name, keys in found.items():
                with contextlib.suppress(*MALFORMED):
                    (key,) = keys.values()
                    self.letters.meet((user, name), devices[user, name], key)

    def parcel(self, room: str, devices: Mapping[Device, Identity], most: int) -> Json:
        """The key of a room for those of its devices that lack it, as /sendToDevice wants it.

        It is a new one when somebody who had it is gone, or after so many messages.
        """
        key = self._own.get(room)
        if key is None or not key.given <= devices.keys() or key.session.message_index >= most:
            key = self._own[room] = RoomKey()
            self._keep(room, self.letters.device[0], InboundGroupSession(key.session.session_key))
        content = {
            "algorithm": MEGOLM,
            "room_id": room,
            "session_id": key.session.session_id,
            "session_key": key.session.session_key.to_base64(),
        }
        messages: Json = {}
        for (user, name), identity in devices.items():
            if (user, name) not in key.given and self.letters.knows(identity):
                letter = self.letters.write(user, identity, "m.room_key", content)
                messages.setdefault(user, {})[name] = letter
        return messages

    def delivered(self, room: str, messages: Json) -> None:
        """The parcel has reached the server."""
        for user, letters in messages.items():
            self._own[room].given |= {(user, name) for name in letters}


def relation(content: Mapping[str, object]) -> Json:
    """The part of a message that is never encrypted: which other one it belongs to."""
    return {key: value for key, value in content.items() if key == "m.relates_to"}


def opened(data: bytes, file: Json) -> bytes:
    """An encrypted file, by what its message says about it. ValueError when it is another one."""
    if hashlib.sha256(data).digest() != unpadded(file["hashes"]["sha256"]):
        raise ValueError("not the file that the message means")
    start = unpadded(file["iv"])
    count = int.from_bytes(start[8:], "big")
    cipher = AES.new(unpadded(file["key"]["k"]), AES.MODE_CTR, nonce=start[:8], initial_value=count)
    return cipher.decrypt(data)
