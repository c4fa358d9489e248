"""Secrets that the homeserver keeps but cannot read, and the one key that opens them.

Client-Server API, "Secrets", "Secret storage" (m.secret_storage.v1.aes-hmac-sha2) and
"Recovery key".
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import xor
from typing import Self

from Crypto.Cipher import AES
from Crypto.Hash import SHA256
from Crypto.Protocol.KDF import HKDF

ALGORITHM = "m.secret_storage.v1.aes-hmac-sha2"

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
PREFIX = b"\x8b\x01"
FILLERS = "-\u2010\u2011\u2012\u2013\u2014\u200b\ufeff"
"""What people and word processors put between the groups of a recovery key, besides spaces."""

Sealed = Mapping[str, object]


@dataclass(frozen=True)
class StorageKey:
    """A key of secret storage, with the name that account data knows it by."""

    id: str
    secret: bytes = field(repr=False)

    @classmethod
    def made(cls) -> Self:
        """A new one."""
        return cls(secrets.token_hex(16), secrets.token_bytes(32))

    def description(self) -> dict[str, str]:
        """The content of `m.secret_storage.key.<id>`, by which a key is known to be the right one.

        It seals 32 zero bytes under an empty name.
        """
        check = self._seal("", bytes(32), fresh_iv())
        return {"algorithm": ALGORITHM, "iv": check["iv"], "mac": check["mac"]}

    def fits(self, description: Sealed) -> bool:
        """Whether this is the key that was described; one described without a check may be any."""
        if description.get("algorithm") != ALGORITHM:
            return False
        if "mac" not in description:
            return True
        try:
            iv, mac = unb64(description.get("iv")), unb64(description["mac"])
            check = unb64(self._seal("", bytes(32), iv)["mac"])
        except ValueError:
            return False
        return hmac.compare_digest(check, mac)

    def seal(self, name: str, text: str) -> dict[str, str]:
        """The secret of this name, unreadable without the key."""
        return self._seal(name, text.encode(), fresh_iv())

    def open(self, name: str, sealed: Sealed) -> str:
        """The secret of this name. Raises `ValueError` when it was sealed by another key."""
        iv, hidden, mac = (unb64(sealed.get(part)) for part in ("iv", "ciphertext", "mac"))
        aes, tag = self._keys(name)
        if not hmac.compare_digest(hmac.digest(tag, hidden, hashlib.sha256), mac):
            raise ValueError("a secret that another key has sealed")
        return _counter_mode(aes, iv, hidden).decode()

    def _seal(self, name: str, data: bytes, iv: bytes) -> dict[str, str]:
        aes, tag = self._keys(name)
        hidden = _counter_mode(aes, iv, data)
        mac = hmac.digest(tag, hidden, hashlib.sha256)
        return {"iv": b64(iv), "ciphertext": b64(hidden), "mac": b64(mac)}

    def _keys(self, name: str) -> tuple[bytes, bytes]:
        """The AES key and the HMAC key for a secret of this name."""
        both = HKDF(self.secret, 64, bytes(32), SHA256, context=name.encode())
        assert isinstance(both, bytes)
        return both[:32], both[32:]


def recovery_key(secret: bytes) -> str:
    """A storage key as people write it down, in groups of four."""
    data = PREFIX + secret
    number, text = int.from_bytes([*data, reduce(xor, data)]), ""
    while number:
        number, digit = divmod(number, 58)
        text = BASE58[digit] + text
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def read_recovery_key(text: str) -> bytes:
    """The storage key that somebody has typed; spaces, line breaks and hyphens do not matter.

    Raises `ValueError` with a sentence for people when it is mistyped.
    """
    digits = [BASE58.find(c) for c in text if not c.isspace() and c not in FILLERS]
    if len(digits) != 48 or -1 in digits:
        raise ValueError(
            "Der Wiederherstellungsschlüssel hat 48 Buchstaben und Ziffern, darunter nie 0, O, I "
            "und l; dieser hier ist anders."
        )
    number = reduce(lambda value, digit: value * 58 + digit, digits)
    data = number.to_bytes(36)[1:]
    if number >> 280 or data[:2] != PREFIX or reduce(xor, data):
        raise ValueError("Im Wiederherstellungsschlüssel ist ein Tippfehler.")
    return data[2:34]


def fresh_iv() -> bytes:
    """16 random bytes with bit 63 cleared, over which some implementations of CTR stumble."""
    iv = bytearray(secrets.token_bytes(16))
    iv[8] &= 0x7F
    return bytes(iv)


def b64(data: bytes) -> str:
    """Unpadded base64 (appendix of the specification)."""
    return base64.b64encode(data).decode().rstrip("=")


def unb64(text: object) -> bytes:
    """The bytes of base64 with or without padding. Raises `ValueError` for anything else."""
    if not isinstance(text, str):
        raise ValueError("expected base64")
    try:
        bare = text.rstrip("=")
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except ValueError:
        raise ValueError("expected base64") from None


def _counter_mode(key: bytes, iv: bytes, data: bytes) -> bytes:
    """AES-256-CTR, which is its own inverse. Raises `ValueError` for an iv of a wrong length."""
    if len(iv) != 16:
        raise ValueError("an iv has 16 bytes")
    return AES.new(key, AES.MODE_CTR, nonce=b"", initial_value=iv).encrypt(data)
