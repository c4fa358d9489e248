"""Sign in with the password and out again; what the operator reads when that is not possible."""

import logging
from typing import Any

from bot.config import Matrix
from bot.matrix.access import DEACTIVATED, LOCKED, Access, Credentials, SignedOut, patience
from bot.matrix.client import Client, Request
from bot.obstacles import Broken, Forbidden, Rejected, Unreachable

log = logging.getLogger(__name__)

REASONS = {
    "M_FORBIDDEN": "Der Homeserver nimmt das Passwort von {user} nicht an: matrix.password "
    "berichtigen und den Bot neu starten.",
    DEACTIVATED: "Das Konto {user} ist stillgelegt: ein anderes eintragen oder dieses auf dem "
    "Homeserver wieder einrichten lassen.",
    LOCKED: "Das Konto {user} ist gesperrt: es auf dem Homeserver entsperren lassen und den Bot "
    "neu starten.",
    "": "Der Homeserver nimmt keine Anmeldung mit Passwort an ({code}): ein Zugriffstoken als "
    "matrix.access_token eintragen und den Bot neu starten.",
}
"""What to do, by the server's word for what is wrong."""


def reason(user: str, code: str) -> str:
    """A sentence for the operator."""
    return REASONS.get(code, REASONS[""]).format(user=user, code=code)


async def log_in(config: Matrix, device: str) -> dict[str, Any]:
    """Sign in as this device, or as a new one if it is empty.

    The answer has `access_token` and `device_id`, and `refresh_token` if the token expires. Raises
    `SignedOut` with a sentence for the operator, or `Unreachable`.
    """
    body = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": config.user_id},
        "password": config.password,
        "initial_device_display_name": "Kursbot",
        "refresh_token": True,
    }
    client = _stranger(config, Credentials())
    try:
        request = Request.of("login", body | ({"device_id": device} if device else {}))
        status, answer = await client.exchange(request)
    finally:
        await client.close()
    if status in (400, 401, 403, 404) and isinstance(answer.get("errcode"), str):
        code = answer["errcode"][:40]
        raise SignedOut(reason(config.user_id, code))
    said = (answer.get("access_token"), answer.get("device_id"))
    if status != 200 or not all(isinstance(value, str) for value in said):
        raise Unreachable(f"HTTP {status} to a login", patience(answer))
    return answer


async def log_out(config: Matrix, old: Credentials) -> None:
    """Let the server forget the device of these credentials; nothing depends on its success."""
    client = _stranger(config, old)
    try:
        await client.call("POST", "logout", body={})
    except (SignedOut, Unreachable, Broken, Forbidden, Rejected) as trouble:
        log.warning("the old device %s stays signed in: %s", old.device_id, trouble)
    finally:
        await client.close()


def _stranger(config: Matrix, credentials: Credentials) -> Client:
    """An account whose tokens are for one request only."""
    return Client(config.homeserver, config.user_id, Access(credentials, lambda _: None))
