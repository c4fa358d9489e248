"""The composition root: build every part once and let it run."""

import asyncio
import gc
import logging
import secrets
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

import commands
import schedules
from bot import forgetting, private, scheduler, systemd, unreadable
from bot.config import Config
from bot.counts import Counts
from bot.files import Files
from bot.health import Health
from bot.intake import Intake
from bot.journal import Journal
from bot.limits import Throttle
from bot.lock import alone
from bot.matrix import device, standby
from bot.matrix.access import TokenRefused
from bot.matrix.attachments import Fetcher
from bot.matrix.care import Caretaker
from bot.matrix.direct_chats import DirectChats
from bot.matrix.encryption import Encryption, KeysLost
from bot.matrix.outgoing import Sender
from bot.matrix.recount import Recount
from bot.matrix.rooms import Doorkeeper
from bot.matrix.state import Rooms
from bot.matrix.sync import Reader
from bot.outbox import Delivery
from bot.pulse import Pulse
from bot.router import Router
from bot.sending import Send, Sending
from bot.signing_in import Clock, settle_in, sign_in
from bot.striking import Outside
from bot.watching import Watch
from storage import database, facts, subscriptions
from storage.database import Deposed, Sessions
from storage.models import OutgoingMessage

log = logging.getLogger(__name__)

ATTEND_SECONDS = 5.0
"""How often the bot looks for new rooms of its courses and unanswered invitations."""

RESTORED = "restored"
"""The fact that says until when an earlier life of the bot, lost after a backup, may have spoken.

Empty until the bot knows: then it is the moment when it has read all that happened since.
"""

CATCHING_UP = timedelta(minutes=5)
"""As long after that moment, what is due is still said late."""


def clock() -> datetime:
    """The only place that asks what time it is."""
    return datetime.now(UTC)


async def run(config: Config, clock: Clock = clock) -> None:
    """Work until cancelled, by this clock.

    Raises `SignedOut` when only a human can get the account back, `NotOurs` or `AlreadyRunning`
    when the data folder or the device is another's.
    """
    private.repair(config.data.folder)
    with alone(config.data.folder):
        async with database.opened(config.database_url) as sessions:
            refusal: TokenRefused | None = None
            try:
                while True:
                    refusal = await _until_refused(config, clock, sessions, refusal)
                    await sessions.resign()
            finally:
                systemd.notify(systemd.STOPPING)


async def _until_refused(
    config: Config, clock: Clock, sessions: Sessions, refusal: TokenRefused | None
) -> TokenRefused | None:
    """From the sign-in until the server refuses the token, or the keys are lost; the refusal.

    Or until another process works for the account.
    """
    who = secrets.token_hex(8)
    encryption, names = await sign_in(config, clock, sessions, who, refusal)
    refusals: BaseExceptionGroup[TokenRefused] | None = None
    try:
        await standby.turn(sessions, encryption, who)
        await _work(config, clock, encryption, names, sessions)
    except* TokenRefused as group:
        refusals = group
    except* KeysLost:
        device.forget(config.data.folder)
    except* Deposed:
        log.warning("another process may work for the account: this one stands by")
    finally:
        await encryption.close()
    return None if refusals is None else _first(refusals)


def _first(refusals: BaseExceptionGroup[TokenRefused]) -> TokenRefused:
    """All parts were told the same."""
    one = refusals.exceptions[0]
    return one if isinstance(one, TokenRefused) else _first(one)


async def _work(
    config: Config, clock: Clock, encryption: Encryption, names: list[str], sessions: Sessions
) -> None:
    """Run the parts; the first one that fails for good ends them all.

    Nothing is said before the rooms have been read once: the bot must know where it is, and a poll
    may only be counted with all its votes.
    """
    client = encryption.client
    rooms = Rooms(bot=client.user_id)
    await settle_in(client, sessions, clock())
    journal = Journal(config.journal, sessions)
    await journal.open()
    await _remember(config.web.address if config.web.listen else "", sessions)
    pulse, counts = Pulse(clock, lambda: client.line.deaf), Counts()
    chats = DirectChats(client, sessions, rooms, clock)
    sender = Sender(client, rooms, chats, encryption)
    throttle = Throttle(config.limits.replies_per_minute, config.limits.bots)
    send = _watched(standby.certain(sessions, sender.send), throttle, counts, clock)
    sending = Sending(sessions, send, sender.find, clock)
    delivery = Delivery(sending, pulse.trusted)
    found = schedules.discover()
    known = commands.discover()
    router = Router(known, names, throttle, rooms.shared_with, found, counts.command)
    router.may_call = rooms.may_call
    rules = {name.replace("_", "-") for name in found} | {"material"}
    files = Files(Fetcher(client).fetch, rules)
    intake = Intake(sessions, router, delivery.accept, delivery.settle, files)
    doorkeeper = Doorkeeper(client, sessions, rooms, clock, delivery.wake)
    caretaker = Caretaker(client, sessions, rooms, chats, clock, delivery.wake)
    await doorkeeper.open()
    ready = asyncio.Event()

    def read() -> None:
        pulse.read(client.told)
        ready.set()

    window = config.sync.window
    reader = Reader(client, encryption, rooms, doorkeeper, intake, clock, read, window)
    health = Health(pulse, sessions, rooms, client.user_id, found)
    async with asyncio.TaskGroup() as parts:
        parts.create_task(standby.watch(sessions))
        parts.create_task(reader.run())
        if config.web.listen:
            from bot import web  # noqa: PLC0415 - 4 MiB, and off by default

            pages = web.watched(web.calendar(sessions, clock), health, counts)
            parts.create_task(web.serve(config.web.listen, pages))
        await ready.wait()
        sending.unsure = await _unsure(sessions, clock())
        gc.collect()
        gc.freeze()  # what is here now stays: searching it for rubbish costs 10 % of the time
        log.info("ready")
        parts.create_task(delivery.run())
        parts.create_task(_attend(doorkeeper, caretaker, journal, clock))
        outside = Outside(Recount(reader), rooms.shared_with, delivery.accept)
        parts.create_task(scheduler.run(sessions, found, pulse.strike, delivery.wake, outside))
        parts.create_task(Watch(health, delivery.wake).run())
        parts.create_task(systemd.watch(pulse))


async def _remember(address: str, sessions: Sessions) -> None:
    """Where calendar programs find the dates, for the commands that tell it."""
    async with sessions.begin() as db:
        await facts.put(db, subscriptions.ADDRESS, address)


def _watched(sending: Send, throttle: Throttle, counts: Counts, clock: Clock) -> Send:
    """How a message is sent; the throttle knows since when it can be answered."""

    async def send(message: OutgoingMessage) -> str:
        throttle.answered(message.cause, clock())
        event_id = await sending(message)
        counts.answered(message, clock())
        return event_id

    return send


async def _unsure(sessions: Sessions, now: datetime) -> datetime:
    """Before which moment the bot must look whether it has said something already."""
    async with sessions() as db:
        said = await facts.get(db, RESTORED)
    if said == "":
        said = (now + CATCHING_UP).isoformat()
        async with sessions.begin() as db:
            await facts.put(db, RESTORED, said)
    return datetime.fromisoformat(said) if said else datetime.min.replace(tzinfo=UTC)


async def _attend(
    doorkeeper: Doorkeeper, caretaker: Caretaker, journal: Journal, clock: Clock
) -> None:
    """What needs a look now and then: rooms, and messages whose keys never came."""
    while True:
        try:
            await doorkeeper.attend()
            await caretaker.tend()
            if await unreadable.tell(journal.sessions, clock()):
                doorkeeper.wake()
            if await forgetting.forget(journal.sessions, clock()):
                doorkeeper.wake()
            await journal.keep()
        except SQLAlchemyError as trouble:
            log.error("cannot look after the rooms: %s", type(trouble).__name__)
        with suppress(TimeoutError):
            async with asyncio.timeout(ATTEND_SECONDS):
                await doorkeeper.news.wait()
