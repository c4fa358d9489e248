"""Stand by: another process works for the account, and this one is ready to take over.

It has a device of its own, which people encrypt for like for the other one. Only the keys for that
are read meanwhile; how far the rooms have been read stands in the database.
"""

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from bot.matrix.client import Json
from bot.matrix.encryption import Encryption
from bot.matrix.entry import KEYS, mark
from bot.matrix.history import PAGE
from bot.matrix.sync import MOST_KEYS, NO_ROOMS
from bot.matrix.translate import entries, part
from bot.obstacles import Broken, Forbidden, Rejected, Unreachable, pause_after
from bot.sending import Send
from storage import facts
from storage.database import Deposed, Sessions
from storage.models import OutgoingMessage

log = logging.getLogger(__name__)

CHECK = 0.5
"""Seconds between looks whether the other process still works."""

BEAT, TRUST = 1.0, timedelta(seconds=3)
"""Seconds between looks whether we still do, and how long we may go without knowing.

The server gives the lock of a machine that is gone to another one after more than that.
"""

GRACE = 2.0
"""Seconds in which arrives what the other process had on its way to the homeserver."""


async def turn(sessions: Sessions, encryption: Encryption, who: str) -> None:
    """Wait until it is our turn, with keys as fresh as those of whoever works.

    Raises what `Reader.run` raises.
    """
    if not await sessions.still_leads():
        log.warning("another process works for the account, this one stands by")
        async with sessions.begin() as db:
            await facts.put(db, f"{KEYS}/{encryption.client.device_id}", mark(encryption))
        await _until_gone(sessions, encryption, who)
    async with sessions() as db:
        last = await facts.get(db, "device")
    if last not in (None, encryption.client.device_id):
        log.warning("taking over from device %s", last)
        await asyncio.gather(_caught_up(encryption), asyncio.sleep(GRACE))


def certain(sessions: Sessions, send: Send) -> Send:
    """Say nothing without knowing that no other process has taken over."""

    async def sending(message: OutgoingMessage) -> str:
        if not sessions.sure(TRUST.total_seconds()):
            raise Unreachable("it is uncertain who works for the account")
        return await send(message)

    return sending


async def watch(sessions: Sessions) -> None:
    """Raise `Deposed` as soon as it is not certain any more that we work for the account."""
    while True:
        beat = asyncio.ensure_future(sessions.still_leads())
        await asyncio.wait({beat}, timeout=TRUST.total_seconds())
        if not (beat.done() and beat.result()):
            beat.cancel()
            raise Deposed
        await asyncio.sleep(BEAT)


async def _until_gone(sessions: Sessions, encryption: Encryption, who: str) -> None:
    keeping = asyncio.create_task(_keep(encryption))
    try:
        while not await _leads(sessions, who):
            done, _ = await asyncio.wait({keeping}, timeout=CHECK)
            if done:
                await keeping
    finally:
        keeping.cancel()
        await asyncio.wait({keeping})


async def _leads(sessions: Sessions, who: str) -> bool:
    try:
        return await sessions.lead(who)
    except SQLAlchemyError as trouble:
        log.warning("cannot ask whose turn it is: %s", type(trouble).__name__)
        return False


async def _keep(encryption: Encryption) -> None:
    """Take in the keys that people send to our device, and give out new ones."""
    since, failures = None, 0
    while True:
        try:
            batch = await _keys(encryption, since)
            since, failures = str(batch["next_batch"]), 0
        except (Unreachable, Broken, Forbidden, Rejected) as trouble:
            failures += 1
            log.warning("cannot read keys: %s", trouble)
            await asyncio.sleep(pause_after(failures) + 0.5)


async def _caught_up(encryption: Encryption) -> None:
    """Read what was sent to our device, before the place where the other one was tells the server
    that we have it; and whose devices have changed, nobody has told us.
    """
    since = None
    with suppress(Unreachable, Broken, Forbidden, Rejected):
        for _ in range(MOST_KEYS):
            batch = await _keys(encryption, since, now=True)
            if len(entries(part(batch, "to_device"), "events")) < PAGE:
                break
            since = str(batch["next_batch"])
    encryption.machine.users_for_key_query |= encryption.machine.tracked_users


async def _keys(encryption: Encryption, since: str | None, *, now: bool = False) -> Json:
    batch = await encryption.client.sync(since, NO_ROOMS, first=now or since is None)
    encryption.receive(batch)
    await encryption.tend()
    return batch
