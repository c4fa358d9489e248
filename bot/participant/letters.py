"""What the device of a participant tells other devices in private; nothing here asks the server.

Rules: Client-Server API, "m.olm.v1.curve25519-aes-sha2". It stands on vodozemac alone: a mistake of
nio must not be made on both sides, where nobody would see it.
"""

import contextlib
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any, NamedTuple

from vodozemac import (
    Account,
    AnyOlmMessage,
    Curve25519PublicKey,
    Ed25519PublicKey,
    Ed25519Signature,
    Session,
)

from bot.participant.events import Json

Device = tuple[str, str]
"""Somebody's Matrix id and one of their device ids."""

OLM, MEGOLM = "m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"
SIGNED = "signed_curve25519"
ONE_TIME_KEYS = 20  # whoever comes later gets the fallback key


class Identity(NamedTuple):
    """The public keys of a device."""

    curve25519: str
    ed25519: str


class Letters:
    """One device and its Olm sessions with others; they live as long as this object.

    Whatever is malformed, forged or unreadable raises ValueError, LookupError, TypeError or
    AttributeError.
    """

    def __init__(self, user_id: str, device_id: str) -> None:
        self.device: Device = (user_id, device_id)
        self._account = Account()
        keys = self._account.curve25519_key, self._account.ed25519_key
        self.identity = Identity(*(key.to_base64() for key in keys))
        self._sessions: dict[str, list[Session]] = {}

    def introduction(self) -> Json:
        """The body of /keys/upload: from then on everybody can write to this device, for ever."""
        account: Any = self._account  # its stubs know no fallback keys
        account.generate_one_time_keys(ONE_TIME_KEYS)
        account.generate_fallback_key()
        user, name = self.device
        keys = {f"{kind}:{name}": key for kind, key in self.identity._asdict().items()}
        device = {"user_id": user, "device_id": name, "algorithms": [OLM, MEGOLM], "keys": keys}
        body = {
            "device_keys": self._signed(device),
            "one_time_keys": self._named(account.one_time_keys),
            "fallback_keys": self._named(account.fallback_key, fallback=True),
        }
        account.mark_keys_as_published()
        return body

    def _named(self, keys: Mapping[str, Curve25519PublicKey], **more: bool) -> Json:
        return {
            f"{SIGNED}:{name}": self._signed({"key": key.to_base64(), **more})
            for name, key in keys.items()
        }

    def _signed(self, what: Json) -> Json:
        user, name = self.device
        signature = self._account.sign(canonical(what)).to_base64()
        return what | {"signatures": {user: {f"ed25519:{name}": signature}}}

    def knows(self, other: Identity) -> bool:
        """Whether something can be written to the device."""
        return bool(self._sessions.get(other.curve25519))

    def meet(self, device: Device, other: Identity, key: Json) -> None:
        """Begin to write to a device, with one of its one-time keys."""
        verify(key, device, other.ed25519)
        theirs = map(Curve25519PublicKey.from_base64, (other.curve25519, key["key"]))
        session = self._account.create_outbound_session(*theirs)
        self._sessions.setdefault(other.curve25519, []).append(session)

    def write(self, user: str, other: Identity, kind: str, content: Json) -> Json:
        """The content of an encrypted to-device message."""
        letter = {
            "type": kind,
            "content": content,
            "sender": self.device[0],
            "keys": {"ed25519": self.identity.ed25519},
            "recipient": user,
            "recipient_keys": {"ed25519": other.ed25519},
        }
        session = self._sessions[other.curve25519][0]
        form, text = session.encrypt(json.dumps(letter).encode()).to_parts()
        body = {"type": form, "body": b64encode(text).decode().rstrip("=")}
        sender_key = self.identity.curve25519
        return {"algorithm": OLM, "sender_key": sender_key, "ciphertext": {other.curve25519: body}}

    def read(self, message: Json) -> tuple[str, Json]:
        """Type and content of an encrypted to-device message, once."""
        content = message["content"]
        sealed, sender_key = content["ciphertext"][self.identity.curve25519], content["sender_key"]
        envelope = AnyOlmMessage.from_parts(sealed["type"], unpadded(sealed["body"]))
        letter = json.loads(self._open(sender_key, envelope))
        theirs = (letter["sender"], letter["recipient"], letter["recipient_keys"]["ed25519"])
        if theirs != (message["sender"], self.device[0], self.identity.ed25519):
            raise ValueError("written by or for somebody else")
        return str(letter["type"]), dict(letter["content"])

    def _open(self, sender_key: str, envelope: AnyOlmMessage) -> bytes:
        first, sessions = envelope.to_pre_key(), self._sessions.setdefault(sender_key, [])
        known = [s for s in sessions if first is None or s.session_matches(first)]
        for session in known:
            with contextlib.suppress(ValueError):
                return session.decrypt(envelope)
        if known or first is None:
            raise ValueError("received before, or there is no session for it")
        key = Curve25519PublicKey.from_base64(sender_key)
        session, text = self._account.create_inbound_session(key, first)
        sessions.insert(0, session)
        return text


def introduced(device: Device, keys: Json) -> Identity:
    """The keys of a device, which it has signed itself. Raises what `Letters` raises."""
    if (keys["user_id"], keys["device_id"]) != device:
        raise ValueError("the keys of another device")
    found = Identity(*(keys["keys"][f"{kind}:{device[1]}"] for kind in Identity._fields))
    verify(keys, device, found.ed25519)
    return found


def verify(what: Json, signer: Device, key: str) -> None:
    """Raise what `Letters` raises unless the device has signed this."""
    user, name = signer
    signature = Ed25519Signature.from_base64(what["signatures"][user][f"ed25519:{name}"])
    Ed25519PublicKey.from_base64(key).verify_signature(canonical(what), signature)


def canonical(what: Json) -> bytes:
    """What is signed of an object (appendices of the specification, "Signing JSON")."""
    signed = {k: v for k, v in what.items() if k not in ("signatures", "unsigned")}
    text = json.dumps(signed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def unpadded(text: str) -> bytes:
    """The bytes of unpadded Base64, in either alphabet."""
    return b64decode(text.translate({45: "+", 95: "/"}) + "==")
