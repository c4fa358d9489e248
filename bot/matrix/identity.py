"""Who the bot is, on whatever device it runs: three signing keys, kept in a file of their own.

Client-Server API, "Cross-signing" and "Signing JSON". Losing them makes people's clients warn of
a changed identity, so they are on disk before anybody else gets to know them.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from Crypto.PublicKey import ECC
from Crypto.Signature import eddsa

from bot import private
from bot.matrix.secret_storage import StorageKey, b64, unb64

Json = dict[str, Any]

FILE = "cross_signing.json"
NAMES = ("master", "self_signing", "user_signing")


@dataclass(frozen=True)
class SigningKey:
    """An Ed25519 key pair; the seed is the secret half."""

    seed: bytes = field(repr=False)

    @classmethod
    def read(cls, text: object) -> Self:
        """The key that was written as this text. Raises `ValueError` when it cannot be one."""
        return cls(_bytes(text))

    @property
    def written(self) -> str:
        """The seed as the specification wants it in secret storage."""
        return b64(self.seed)

    @cached_property
    def public(self) -> str:
        """The public half, which is also the name of the key."""
        return b64(self._pair.public_key().export_key(format="raw"))

    def sign(self, value: Json) -> str:
        """The signature of a JSON object, always the same for the same object."""
        return b64(eddsa.new(self._pair, "rfc8032").sign(canonical(value).encode()))

    @cached_property
    def _pair(self) -> ECC.EccKey:
        return ECC.construct(curve="Ed25519", seed=self.seed)


@dataclass(frozen=True)
class Identity:
    """The keys of an account, and how far their copy in secret storage is.

    `storage` opens that copy; it is known until the operator has seen it as the recovery key.
    `stored` says that the copy was read back.
    """

    user_id: str
    keys: Mapping[str, SigningKey]
    storage: StorageKey | None = None
    stored: bool = False

    @classmethod
    def made(cls, user_id: str) -> Self:
        """A new one."""
        keys = {name: SigningKey(secrets.token_bytes(32)) for name in NAMES}
        return cls(user_id, keys, StorageKey.made())

    def with_new_storage(self) -> Self:
        """The same keys, for a copy that has yet to be made."""
        return replace(self, storage=StorageKey.made(), stored=False)

    def public(self, name: str) -> Json:
        """What everybody may know of a key; the master key vouches for the other two."""
        key, master = self.keys[name], self.keys["master"]
        known: Json = {
            "user_id": self.user_id,
            "usage": [name],
            "keys": {f"ed25519:{key.public}": key.public},
        }
        return known if name == "master" else signed(known, self.user_id, master)

    def keep(self, folder: Path) -> None:
        """Write it to the disk, completely or not at all, for nobody else to read."""
        content: Json = {name: key.written for name, key in self.keys.items()}
        content |= {"user_id": self.user_id, "stored": self.stored}
        if self.storage is not None:
            content["storage"] = {"id": self.storage.id, "key": b64(self.storage.secret)}
        private.repair(folder)
        private.write(folder / FILE, json.dumps(content))

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """The kept one, if there is one. Raises `ValueError` when the file is damaged."""
        path = folder / FILE
        if not path.exists():
            return None
        try:
            content = json.loads(path.read_bytes())
            keys = {name: SigningKey.read(content[name]) for name in NAMES}
            kept = content.get("storage")
            storage = StorageKey(str(kept["id"]), _bytes(kept["key"])) if kept else None
            return cls(str(content["user_id"]), keys, storage, bool(content["stored"]))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ValueError(f"{path} is damaged") from None


def signed(value: Json, user_id: str, key: SigningKey) -> Json:
    """The object with this signature and no other."""
    return bare(value) | {"signatures": {user_id: {f"ed25519:{key.public}": key.sign(value)}}}


def verifies(public: str, value: Json, signature: str) -> bool:
    """Whether the key has signed the object."""
    try:
        key = eddsa.import_public_key(unb64(public))
        eddsa.new(key, "rfc8032").verify(canonical(value).encode(), unb64(signature))
    except ValueError:
        return False
    return True


def bare(value: Json) -> Json:
    """What a signature covers."""
    return {k: v for k, v in value.items() if k not in ("signatures", "unsigned")}


def canonical(value: Json) -> str:
    """What a signature covers, as the one text that everybody makes of it."""
    return json.dumps(bare(value), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _bytes(text: object) -> bytes:
    data = unb64(text)
    if len(data) != 32:
        raise ValueError("a secret has 32 bytes")
    return data
