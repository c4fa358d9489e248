"""Sign in, however long the server is away, and say what a new device makes uncertain."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from bot import organisers
from bot.config import Config
from bot.lock import AlreadyRunning
from bot.matrix import entry
from bot.matrix.access import TokenRefused
from bot.matrix.client import Client
from bot.matrix.encryption import Encryption
from bot.obstacles import Broken, Forbidden, Rejected, Unreachable, pause_after
from storage import courses, facts, outbox
from storage.database import Sessions

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]

PATIENCE = 10.0
"""Seconds in which a server notices that an earlier process on this device is no more."""

NEW_DEVICE = (
    "Ich habe mich mit einem neuen Gerät anmelden müssen. Was verschlüsselt war und unbeantwortet "
    "blieb, bitte noch einmal schreiben; alles andere läuft weiter."
)


async def sign_in(
    config: Config, clock: Clock, sessions: Sessions, who: str, refusal: TokenRefused | None
) -> tuple[Encryption, list[str]]:
    """Sign in, however long the server is away; the device, and how people call the bot.

    `SignedOut` and `OperatorNeeded` are final.
    """
    failures, time = 0, asyncio.get_running_loop().time
    patient_until = time() + PATIENCE
    while True:
        began = time()
        try:
            leads = await sessions.lead(who)
            async with sessions() as db:
                known = await entry.known(db, leads=leads)
            encryption = await entry.enter(config, known, clock(), refusal)
            try:
                return encryption, await _names(encryption.client)
            except BaseException:
                await encryption.close()
                raise
        except TokenRefused as error:
            refusal = error
        except entry.DeviceTaken as error:
            if time() > patient_until:
                raise AlreadyRunning(str(error)) from error
            await asyncio.sleep(1.0)
        except (Unreachable, Broken, Forbidden, Rejected, OSError, SQLAlchemyError) as trouble:
            failures += 1
            rest = pause_after(failures, time() - began)
            pause = max(getattr(trouble, "patience", 0.0), rest + 0.5)
            reason = type(trouble).__name__ if isinstance(trouble, SQLAlchemyError) else trouble
            log.warning("cannot sign in: %s; again in %.0f s", reason, pause)
            await asyncio.sleep(pause)


async def _names(client: Client) -> list[str]:
    """How people call the bot in a room."""
    try:
        profile = await client.call("GET", "profile", client.user_id)
    except (Forbidden, Rejected):  # not every account has one
        profile = {}
    local = client.user_id[1:].partition(":")[0]
    return [str(profile.get("displayname") or local), local, client.user_id]


async def settle_in(client: Client, sessions: Sessions, now: datetime) -> None:
    """What a new device makes uncertain."""
    ours = client.device_id
    async with sessions.begin() as db:
        known = await facts.get(db, "device")
        if known not in (None, ours):
            await outbox.doubt_all(db)
        if known not in (None, ours) and not (await entry.known(db)).age(ours):
            for course in await courses.running(db, now.date()):
                cause = f"gerät/{ours}/{course.key}"
                await organisers.tell(db, course.id, NEW_DEVICE, cause, now)
        await facts.put(db, "device", ours)
