"""Try an answer on the homeserver at once; what does not work is a `Mistake`."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot import setting
from bot.config import Matrix
from bot.matrix import reading, recovery, secret_storage
from bot.matrix.access import Access, Credentials, SignedOut
from bot.matrix.client import Client
from bot.matrix.login import log_in, log_out, reason
from bot.matrix.translate import part
from bot.obstacles import Broken, Forbidden, Rejected, Unreachable
from bot.setup.dialogue import Mistake

Json = dict[str, Any]

SECONDS = 15.0
LOOPBACK = re.compile(r"(localhost|127\.[\d.]+|\[::1\])(:\d+)?$")


@dataclass(frozen=True)
class Account:
    """The settings of an account that the homeserver knows, and the sign-in by its password."""

    matrix: Matrix
    answer: Mapping[str, Any] | None = None

    def client(self) -> Client:
        """Signed in as this account."""
        return Client(self.matrix.homeserver, self.matrix.user_id, Access(self._credentials, _keep))

    async def forget(self) -> None:
        """Let the server forget a device that nobody will use."""
        if self.answer is not None:
            await log_out(self.matrix, self._credentials)

    @property
    def _credentials(self) -> Credentials:
        answer = self.answer or {"access_token": self.matrix.access_token}
        device = str(answer.get("device_id") or self.matrix.device_id)
        return Credentials(str(answer["access_token"]), device)


def _keep(_: Credentials) -> None:
    """A sign-in that was just made is not renewed."""


async def homeserver(text: str) -> str:
    """The address of the homeserver that this is the name or address of.

    Client-Server API, "Well-known URI".
    """
    scheme = "" if "://" in text else "http://" if LOOPBACK.match(text) else "https://"
    try:
        named = setting.address(scheme + text)
    except ValueError:
        raise Mistake("Gesucht ist eine Adresse wie https://chat.example.org.") from None
    async with ClientSession(timeout=ClientTimeout(total=SECONDS)) as http:
        for address in (named, await _well_known(http, named)):
            versions = await _json(http, f"{address}/_matrix/client/versions") if address else {}
            if isinstance(versions.get("versions"), list):
                return address
    raise Mistake(f"Unter {named} antwortet kein Matrix-Server. Adresse prüfen.")


async def _well_known(http: ClientSession, named: str) -> str:
    found = await _json(http, f"{named}/.well-known/matrix/client")
    try:
        return setting.address(part(found, "m.homeserver").get("base_url"))
    except ValueError:
        return ""


async def _json(http: ClientSession, url: str) -> Json:
    """What is there; empty if it is nothing that can be used."""
    try:
        async with http.get(url) as response:
            return await reading.whole(response) if response.status == 200 else {}
    except (ClientError, TimeoutError, OSError, ValueError, LookupError, RecursionError):
        return {}


async def account(address: str, user: str, secret: str) -> Account:
    """The account that this opens: an access token, or else a password."""
    try:
        written = reading.token(secret) == secret  # anything else cannot be sent as one
        token = await _by_token(address, user, secret) if written else None
        found = token or await _by_password(address, user, secret)
    except SignedOut as error:
        wrong = str(error) == reason(user, "M_FORBIDDEN")
        said = f"Das ist weder ein gültiges Token noch das Passwort von {user}."
        raise Mistake(said if wrong else str(error)) from None
    except Unreachable as trouble:
        wait = f" Bitte {trouble.patience:.0f} s warten." if trouble.patience else ""
        raise Mistake(f"Der Homeserver nimmt gerade keine Anmeldung an.{wait}") from None
    except (Broken, Forbidden, Rejected) as trouble:
        raise Mistake(f"Der Homeserver lehnt die Anmeldung ab: {trouble}.") from None
    if not _same(user, found.matrix.user_id):
        await found.forget()
        raise Mistake(f"Das gehört zu {found.matrix.user_id}, nicht zu {user}.")
    return found


def _same(said: str, found: str) -> bool:
    return found == said or ":" not in said and found[1:].partition(":")[0] == said.lstrip("@")


async def _by_token(address: str, user: str, token: str) -> Account | None:
    """The account of a token; nothing if it is none."""
    trial = Account(Matrix(address, user, token))
    client = trial.client()
    try:
        known = await client.call("GET", "account", "whoami", wants="user_id")
    except (SignedOut, Unreachable) as refusal:
        if isinstance(refusal, Unreachable) and not str(refusal).startswith("HTTP 4"):
            raise
        return None
    finally:
        await client.close()
    if not known.get("device_id"):
        raise Mistake("Zu dem Token gehört kein Gerät: eines aus einer Anmeldung nehmen.")
    return Account(Matrix(address, str(known["user_id"]), token, str(known["device_id"])))


async def _by_password(address: str, user: str, password: str) -> Account:
    answer = await log_in(Matrix(address, user, password=password), "")
    return Account(Matrix(address, str(answer.get("user_id") or user), password=password), answer)


async def keys(found: Account) -> tuple[bool, bool]:
    """Whether the account has keys, made by somebody before, and whether this device has."""
    client = found.client()
    try:
        user = found.matrix.user_id
        answer = await client.call("POST", "keys", "query", body={"device_keys": {user: []}})
    except (Unreachable, Broken, Forbidden, Rejected) as trouble:
        raise Mistake(f"Der Homeserver sagt nichts zu den Schlüsseln: {trouble}.") from None
    finally:
        await client.close()
    device = part(answer, "device_keys", user, found.matrix.device_id)
    return bool(part(answer, "master_keys", user)), bool(device)


async def opens(found: Account, key: str) -> str:
    """The recovery key, if it opens the keys of the account."""
    client = found.client()
    try:
        secret = secret_storage.read_recovery_key(key)
        if await recovery.restore(client, secret) is None:
            raise Mistake(f"Dieser Schlüssel öffnet die von {found.matrix.user_id} nicht.")
    except ValueError as mistake:
        raise Mistake(str(mistake)) from None
    except (Unreachable, Broken, Rejected) as trouble:
        raise Mistake(f"Der Homeserver zeigt die Schlüssel nicht: {trouble}.") from None
    finally:
        await client.close()
    return key


async def enter(found: Account, addresses: Mapping[str, str]) -> dict[str, str]:
    """Join rooms by their addresses; the ids of those where that worked."""
    client, joined = found.client(), dict[str, str]()
    try:
        for kind, address in addresses.items():
            try:
                answer = await client.call("POST", "join", address, body={}, wants="room_id")
                joined[kind] = str(answer["room_id"])
            except (Unreachable, Broken, Forbidden, Rejected):
                await asyncio.sleep(0)
    finally:
        await client.close()
    return joined
