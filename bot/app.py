"""The composition root: build every part once and let it run."""

import asyncio
import fcntl
import gc
import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

import commands
import schedules
from bot import forgetting, organisers, private, scheduler, systemd, unreadable
from bot.config import Config
from bot.counts import Counts
from bot.files import Files
from bot.health import Health
from bot.intake import Intake
from bot.journal import Journal
from bot.limits import Throttle
from bot.matrix import device, entry, standby
from bot.matrix.access import TokenRefused
from bot.matrix.attachments import Fetcher
from bot.matrix.care import Caretaker
from bot.matrix.client import Client
from bot.matrix.direct_chats import DirectChats
from bot.matrix.encryption import Encryption, KeysLost
from bot.matrix.outgoing import Sender
from bot.matrix.recount import Recount
from bot.matrix.rooms import Doorkeeper
from bot.matrix.state import Rooms
from bot.matrix.sync import Reader
from bot.obstacles import Broken, Forbidden, Rejected, Unreachable, pause_after
from bot.outbox import Delivery, Send
from bot.pulse import Pulse
from bot.router import Router
from bot.scheduler import Outside
from bot.watching import Watch
from storage import courses, database, facts, outbox, subscriptions
from storage.database import Deposed, Sessions
from storage.models import OutgoingMessage

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]

ATTEND_SECONDS = 5.0
"""How often the bot looks for new rooms of its courses and unanswered invitations."""

PATIENCE = 10.0
"""Seconds in which a server notices that an earlier process on this device is no more."""

NEW_DEVICE = (
    "Ich habe mich mit einem neuen Gerät anmelden müssen. Was verschlüsselt war und unbeantwortet "
    "blieb, bitte noch einmal schreiben; alles andere läuft weiter."
)


RESTORED = "restored"
"""The fact that says until when an earlier life of the bot, lost after a backup, may have spoken.

Empty until the bot knows: then it is the moment when it has read all that happened since.
"""

CATCHING_UP = timedelta(minutes=5)
"""As long after that moment, what is due is still said late."""


class AlreadyRunning(Exception):
    """Another Kursbot works on this data folder, or as this device."""


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
    encryption, names = await _entered(config, clock, sessions, who, refusal)
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
    await _prepare(client, sessions, clock())
    journal = Journal(config.journal, sessions)
    await journal.open()
    async with sessions.begin() as db:
        address = config.web.address if config.web.listen else ""
        await facts.put(db, subscriptions.ADDRESS, address)
    pulse, counts = Pulse(clock, lambda: client.line.deaf), Counts()
    chats = DirectChats(client, sessions, rooms, clock)
    sender = Sender(client, rooms, chats, encryption)
    throttle = Throttle(config.limits.replies_per_minute, config.limits.bots)
    send = _watched(standby.certain(sessions, sender.send), throttle, counts, clock)
    delivery = Delivery(sessions, send, sender.find, clock, pulse.trusted)
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
        delivery.unsure = await _unsure(sessions, clock())
        gc.collect()
        gc.freeze()  # what is here now stays: searching it for rubbish costs 10 % of the time
        log.info("ready")
        parts.create_task(delivery.run())
        parts.create_task(_attend(doorkeeper, caretaker, journal, clock))
        outside = Outside(Recount(reader), rooms.shared_with, delivery.accept)
        parts.create_task(scheduler.run(sessions, found, pulse.strike, delivery.wake, outside))
        parts.create_task(Watch(health, delivery.wake).run())
        parts.create_task(systemd.watch(pulse))


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


async def _prepare(client: Client, sessions: Sessions, now: datetime) -> None:
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


async def _entered(
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


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; it falls with the process, however that ends."""
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyRunning(f"In {folder} arbeitet schon ein Kursbot.") from error
        yield
