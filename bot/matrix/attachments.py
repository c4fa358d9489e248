"""Files in rooms: what an event says about one, and how it is fetched and opened.

Rules: Client-Server API, "Sending encrypted attachments" and "Content repository".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from nio import EncryptionError
from nio.crypto.attachments import decrypt_attachment

from bot.files import Damaged
from bot.matrix.client import Client

Json = dict[str, Any]

_ADDRESS: Final = re.compile(r"mxc://[A-Za-z0-9.:\[\]-]{1,255}/[A-Za-z0-9_-]{1,255}")
_KIND: Final = re.compile(r"[a-z0-9]+/[a-z0-9.+-]{1,100}")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_=-]{10,100}")


def source(content: Mapping[str, Any]) -> Json | None:
    """Where the file of a message is, and its key if it is encrypted; None if that makes no sense.

    Nothing of the content is kept but what is known and has the right form.
    """
    info = content.get("info")
    given = info if isinstance(info, dict) else {}
    kind, size = given.get("mimetype"), given.get("size")
    told: Json = {"mimetype": kind if _fits(_KIND, kind) else "application/octet-stream"}
    told |= {"size": size} if type(size) is int and 0 <= size < 2**40 else {}
    sealed = content.get("file")
    if isinstance(sealed, dict):
        file = _sealed(sealed)
        return file and {"file": file, "info": told}
    url = content.get("url")
    return {"url": url, "info": told} if _fits(_ADDRESS, url) else None


def _sealed(file: Mapping[str, Any]) -> Json | None:
    key, hashes = file.get("key"), file.get("hashes")
    secret = key.get("k") if isinstance(key, dict) else None
    digest = hashes.get("sha256") if isinstance(hashes, dict) else None
    url, start = file.get("url"), file.get("iv")
    if not _fits(_ADDRESS, url) or not all(_fits(_BASE64, v) for v in (secret, digest, start)):
        return None
    whole = {"kty": "oct", "alg": "A256CTR", "ext": True, "key_ops": ["encrypt", "decrypt"]}
    return {"v": "v2", "url": url, "key": whole | {"k": secret}, "iv": start} | {
        "hashes": {"sha256": digest}
    }


def _fits(form: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and form.fullmatch(value) is not None


@dataclass
class Fetcher:
    """Fetches files from the homeserver, and from nowhere else."""

    client: Client

    async def fetch(self, where: Mapping[str, Any], most: int) -> bytes:
        """The bytes of the file behind a `source`, at most so many.

        Raises `TooLarge` before more are read, `Damaged` if they are not what was encrypted, and
        what `Client.call` raises.
        """
        file = where.get("file")
        url = str(where["url"] if file is None else file["url"])
        data = await self.client.download(url.removeprefix("mxc://"), most)
        if file is None:
            return data
        try:
            return bytes(
                decrypt_attachment(data, file["key"]["k"], file["hashes"]["sha256"], file["iv"])
            )
        except (EncryptionError, ValueError) as error:
            raise Damaged(type(error).__name__) from None
