"""The bot's access to its account: a token from the configuration, or one login that is kept."""

import json
from pathlib import Path

from bot.config import Matrix
from bot.matrix.client import Client, Json, SignedOut, sign_in

FILE = "session.json"
"""Token and device of a login by password, in the data folder; for nobody else to read."""


async def open_session(config: Matrix, folder: Path) -> Client:
    """Sign in and make sure that the account is the one that is meant.

    Raises `SignedOut` when the server does not accept us, `Unreachable` when it does not answer.
    """
    token, device = config.access_token, config.device_id
    kept = folder / FILE
    if not token and kept.exists():
        session: Json = json.loads(kept.read_text())
        token, device = session["access_token"], session["device_id"]
    if not token:
        password = config.password
        session = await sign_in(config.homeserver, config.user_id, password, device)
        token, device = session["access_token"], session["device_id"]
        _keep(kept, {"access_token": token, "device_id": device})
    client = Client(config.homeserver, config.user_id, device, token)
    try:
        await _check(client, config.user_id)
    except BaseException:
        await client.close()
        raise
    return client


async def _check(client: Client, user_id: str) -> None:
    account = await client.call("GET", "account", "whoami")
    if account.get("user_id") != user_id:
        raise SignedOut(f"Das Token gehört nicht zu {user_id}.")
    client.nio.device_id = str(account.get("device_id", client.nio.device_id))


def _keep(path: Path, session: Json) -> None:
    """Write the secret completely or not at all, readable by the bot alone."""
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(session))
    fresh.replace(path)
