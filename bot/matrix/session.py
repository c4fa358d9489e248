"""The bot's access to its account: a token from the settings, or one sign-in that is kept."""

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from bot import private
from bot.config import Matrix
from bot.matrix.access import (
    DEACTIVATED,
    LOCKED,
    Access,
    Credentials,
    SignedOut,
    TokenRefused,
    fingerprint,
)
from bot.matrix.client import Client
from bot.matrix.login import log_in, log_out, reason

log = logging.getLogger(__name__)

FILE = "session.json"
"""The newest credentials, in the data folder; for nobody else to read."""

AGAIN = timedelta(minutes=10)
"""Who is refused so soon after a new sign-in is not signed in once more."""


async def open_session(
    config: Matrix, folder: Path, now: datetime, refusal: TokenRefused | None = None
) -> Client:
    """The account, with the newest credentials there are, or signed in anew by password.

    `refusal` is how an earlier session ended: its token is not tried again. Raises `SignedOut` with
    a sentence for the operator when only they can help, and `Unreachable`, `Broken`, `Forbidden`,
    `Rejected` or `OSError` when it is worth trying again later.
    """
    path, known = folder / FILE, _known(config, folder)
    tried = refusal is not None and refusal.token == fingerprint(known.access_token)
    if known.access_token and not tried:
        try:
            return await _resumed(config, path, known)
        except TokenRefused as error:
            refusal = error
    if known.access_token and refusal is not None:
        _despair(config, known, refusal, now)
        log.warning("the token was refused (%s): signing in anew", refusal.code)
        known = replace(known, device_id=refusal.device, renewed=now.timestamp())
    # What cannot be written down is not asked for: each sign-in may make one more device.
    known = replace(known, access_token="", refresh_token="")
    _keep(path, known)
    return await _signed_in(config, path, known)


async def look_in(config: Matrix, folder: Path) -> Client:
    """The session as it is kept, to look at while the bot works: neither renewed nor begun anew.

    Raises `SignedOut` and `Unreachable`.
    """
    known = replace(_known(config, folder), refresh_token="")
    if not known.access_token:
        raise SignedOut("noch nicht: kursbot run meldet den Bot an")
    return await _resumed(config, folder / FILE, known)


async def new_device(config: Matrix, folder: Path, now: datetime) -> Client:
    """Sign in as a new device although the old one is still welcome: its keys are lost.

    The old one is signed out then, if possible, so that nobody encrypts for it any more. Raises
    what `open_session` raises.
    """
    old = _known(config, folder)
    if abs(now.timestamp() - old.renewed) < AGAIN.total_seconds():
        raise SignedOut(
            "Auch die Schlüssel des neuen Geräts sind gleich wieder verloren: klären, was im "
            "Datenordner passiert, und den Bot nach 10 Minuten neu starten."
        )
    if not config.password:
        raise SignedOut(
            "Die Schlüssel des Geräts sind verloren: ein Token für ein neues Gerät als "
            "matrix.access_token eintragen (oder ein Passwort als matrix.password) und den Bot "
            "neu starten."
        )
    fresh = Credentials(origin=old.origin, renewed=now.timestamp())
    client = await _signed_in(config, folder / FILE, fresh)
    if old.access_token:
        await log_out(config, old)
    return client


async def _resumed(config: Matrix, path: Path, known: Credentials) -> Client:
    """The session of these credentials, if the server takes them and means the same account."""
    client = _client(config, path, known)
    try:
        account = await client.call("GET", "account", "whoami", wants="user_id")
        if account["user_id"] != config.user_id:
            raise SignedOut(f"Das Token gehört nicht zu {config.user_id}.")
        device = str(account.get("device_id") or known.device_id)
        if not device:
            raise SignedOut(
                "Zu dem Token gehört kein Gerät, damit kann der Bot nichts verschlüsseln: ein "
                "Token aus einer Anmeldung als matrix.access_token eintragen."
            )
        client.identify(device)
    except BaseException:
        await client.close()
        raise
    return client


async def _signed_in(config: Matrix, path: Path, known: Credentials) -> Client:
    """A session by password: on the device that is known, or on a new one."""
    fresh = _from(known, await log_in(config, known.device_id))
    _keep(path, fresh)
    log.info("signed in as device %s", fresh.device_id)
    return _client(config, path, fresh)


def begin(config: Matrix, folder: Path, answer: Mapping[str, Any]) -> None:
    """Go on from this sign-in, which was made before there were any settings."""
    _keep(folder / FILE, _from(Credentials(origin=_origin(config)), answer))


def _from(known: Credentials, answer: Mapping[str, Any]) -> Credentials:
    """What the server gave at a sign-in."""
    return replace(
        known,
        access_token=str(answer["access_token"]),
        device_id=str(answer["device_id"]),
        refresh_token=str(answer.get("refresh_token") or ""),
    )


def _client(config: Matrix, path: Path, credentials: Credentials) -> Client:
    access = Access(credentials, partial(_keep, path))
    return Client(config.homeserver, config.user_id, access)


def _despair(config: Matrix, known: Credentials, refusal: TokenRefused, now: datetime) -> None:
    """Raise `SignedOut` where a new sign-in is impossible or would not last."""
    if refusal.code in (DEACTIVATED, LOCKED):
        raise SignedOut(reason(config.user_id, refusal.code))
    if not config.password:
        raise SignedOut(
            f"Der Homeserver nimmt das Token nicht mehr an ({refusal.code}): ein neues als "
            "matrix.access_token eintragen und den Bot neu starten."
        )
    if abs(now.timestamp() - known.renewed) < AGAIN.total_seconds():
        raise SignedOut(
            f"Der Homeserver hat auch die neue Anmeldung gleich wieder verworfen ({refusal.code}): "
            "klären, wer das Gerät abmeldet, und den Bot nach 10 Minuten neu starten."
        )


def _known(config: Matrix, folder: Path) -> Credentials:
    """The kept credentials if they come from these settings, else those of the settings."""
    origin, kept = _origin(config), _read(folder / FILE)
    if kept is not None and kept.origin == origin:
        return kept
    return Credentials(config.access_token, config.device_id, config.refresh_token, origin)


def _origin(config: Matrix) -> str:
    """Tells settings apart; credentials are good for those that they come from."""
    return fingerprint(f"{config.user_id}\n{config.access_token}")


def _read(path: Path) -> Credentials | None:
    """What was kept; nothing if a human or a broken disk has damaged it."""
    try:
        kept = Credentials(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, RecursionError):
        kept = None
    if kept is None or [type(v) for v in asdict(kept).values()] != [str, str, str, str, float]:
        log.warning("%s is damaged and not used", path)
        return None
    return kept


def _keep(path: Path, credentials: Credentials) -> None:
    private.write(path, json.dumps(asdict(credentials)))
