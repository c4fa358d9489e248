"""The bot's device is signed by its account, on a real homeserver, wherever a start breaks off."""

import contextlib
import itertools
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from aiohttp import web
from nio.crypto import Olm
from nio.store import SqliteMemoryStore

from bot.homeserver import Homeserver
from bot.matrix.access import Access, Credentials
from bot.matrix.client import Client
from bot.matrix.cross_signing import (
    NeedsPassword,
    NeedsRecoveryKey,
    OperatorNeeded,
    Outcome,
    ensure,
    shown,
)
from bot.matrix.identity import FILE, NAMES, Identity, SigningKey
from bot.matrix.secret_storage import StorageKey, read_recovery_key, recovery_key
from bot.matrix.vouching import WrongDeviceKeys
from bot.obstacles import Rejected, Unreachable
from bot.participant import Json, Participant
from tests.matrix.conftest import PASSWORD, Login
from tests.matrix.peer import Device as Trusted
from tests.matrix.peer import Peer
from tests.matrix.proxy import Fault, Proxy, Upstream, drop, reset, running, status
from tests.matrix.service import eventually

DEFAULT = "m.secret_storage.default_key"
UPLOAD = "^POST .*/keys/(device_signing|signatures)/upload"


@dataclass
class Device:
    """One device of the bot's account, and the eyes of its owner."""

    client: Client
    machine: Olm
    owner: Participant

    async def ensure(self, folder: Path, **options: str) -> Outcome:
        return await ensure(self.client, self.machine, folder, **options)

    @property
    def name(self) -> str:
        return str(self.machine.device_id)

    @property
    def user(self) -> str:
        return self.owner.user_id

    async def account_data(self, kind: str, content: Json) -> None:
        path = ("user", self.user, "account_data", kind)
        await self.owner.call("PUT", *path, body=content)

    async def on_server(self) -> tuple[Json, list[Json]]:
        """The keys of the account and what it keeps on the server."""
        keys = await keys_of(self.user, self.owner)
        data = (await self.owner.call("GET", "sync"))["account_data"]["events"]
        return keys, sorted(data, key=lambda event: event["type"])


Devices = Callable[[Participant], Awaitable[Device]]


@pytest.fixture
async def proxy(homeserver: Homeserver) -> AsyncIterator[Proxy]:
    async with running(homeserver.base_url) as proxy:
        yield proxy


@pytest.fixture
async def device(proxy: Proxy) -> AsyncIterator[Devices]:
    """`await device(owner)` is a new device behind the proxy; its keys are on the server."""
    async with contextlib.AsyncExitStack() as stack:

        async def made(owner: Participant) -> Device:
            user = {"type": "m.id.user", "user": owner.user_id}
            login = {"type": "m.login.password", "identifier": user, "password": PASSWORD}
            answer = await owner.call("POST", "login", body=login)
            name = answer["device_id"]
            access = Access(Credentials(answer["access_token"], name), keep=lambda _: None)
            client = Client(proxy.base_url, owner.user_id, access)
            stack.push_async_callback(client.close)
            machine = Olm(owner.user_id, name, SqliteMemoryStore(owner.user_id, name))
            await client.call("POST", "keys", "upload", body=machine.share_keys())
            return Device(client, machine, owner)

        yield made


async def keys_of(user: str, reader: Participant) -> Json:
    return await reader.call("POST", "keys", "query", body={"device_keys": {user: []}})


async def signed(device: Device, reader: Participant) -> bool:
    """Whether others see a chain of valid signatures from the account to the device and back.

    They are checked by vodozemac, which made none of them but the device's own.
    """
    keys, user, check = await keys_of(device.user, reader), device.user, device.machine.verify_json
    master, own = keys["master_keys"][user], keys["self_signing_keys"][user]
    master_key, own_key = (next(iter(key["keys"].values())) for key in (master, own))
    seen = keys["device_keys"][user][device.name]
    return check(own, master_key, user, master_key) and check(seen, own_key, user, own_key)


def after(count: int, fault: Fault) -> Fault:
    """Let so many requests through, one more suffers the fault, and then the server is away."""
    numbers = itertools.count()

    async def nth(request: web.BaseRequest, upstream: Upstream) -> web.StreamResponse:
        number = next(numbers)
        if number < count:
            return await upstream()
        return await (fault if number == count else reset)(request, upstream)

    return nth


def kept(folder: Path) -> Json:
    return json.loads((folder / FILE).read_text())


async def test_the_first_start_signs(device: Devices, participant: Login, tmp_path: Path) -> None:
    bot, anna = await device(await participant("bot")), await participant("anna")
    folder = tmp_path / "data" / "keys"

    outcome = await bot.ensure(folder)

    assert outcome.backed_up
    assert len(read_recovery_key(outcome.recovery_key or "")) == 32
    assert await signed(bot, anna)
    master = (await keys_of(bot.user, bot.owner))["master_keys"][bot.user]
    assert bot.machine.verify_json(
        master, bot.machine.account.identity_keys["ed25519"], bot.user, bot.name
    )
    assert (folder / FILE).stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in folder.iterdir()] == [FILE]


async def test_later_starts_ask_one_question_and_write_nothing(
    device: Devices, participant: Login, proxy: Proxy, tmp_path: Path
) -> None:
    bot = await device(await participant("bot"))
    first = await bot.ensure(tmp_path)
    before, seen = await bot.on_server(), proxy.count("")

    assert await bot.ensure(tmp_path) == first
    shown(tmp_path)
    assert "storage" not in kept(tmp_path)
    assert await bot.ensure(tmp_path) == Outcome(None, backed_up=True)
    shown(tmp_path)

    assert proxy.count("") == seen + 2
    assert await bot.on_server() == before


async def test_a_start_goes_on_where_the_last_one_broke_off(
    device: Devices, participant: Login, proxy: Proxy, tmp_path: Path
) -> None:
    anna = await participant("anna")
    for lost in itertools.count():
        bot, folder = await device(await participant("bot")), tmp_path / str(lost)
        proxy.when("", after(lost, drop))
        with contextlib.suppress(Unreachable):
            await bot.ensure(folder)
            break
        proxy.heal()
        known = kept(folder) if folder.exists() else {}
        outcome = await bot.ensure(folder)
        assert outcome.recovery_key
        assert outcome.backed_up
        assert known.items() <= (kept(folder) | {"stored": False}).items()
        assert await signed(bot, anna)
        proxy.when(UPLOAD, reset)
        assert await bot.ensure(folder) == outcome
        proxy.heal()
    assert lost == 14  # every request of a first start was once the last one


async def test_a_new_device_is_signed_by_the_same_account(
    device: Devices, participant: Login, proxy: Proxy, tmp_path: Path
) -> None:
    owner, anna = await participant("bot"), await participant("anna")
    old = await device(owner)
    first = await old.ensure(tmp_path)
    identity = kept(tmp_path)
    new = await device(owner)
    seen = proxy.count("")

    assert await new.ensure(tmp_path) == first

    assert proxy.count("") == seen + 2
    assert kept(tmp_path) == identity
    assert await signed(new, anna)
    assert await signed(old, anna)


async def test_keys_of_somebody_else_are_never_replaced(
    device: Devices, participant: Login, tmp_path: Path
) -> None:
    owner = await participant("bot")
    await (await device(owner)).ensure(tmp_path / "a")
    bot = await device(owner)
    Identity.made(bot.user).keep(tmp_path / "c")
    before = await bot.on_server()
    texts = {
        "": f"Für {bot.user} gibt es auf dem Homeserver schon Schlüssel, die dieser Bot nicht hat. "
        "Bitte den Wiederherstellungsschlüssel des Kontos in config.toml als matrix.recovery_key "
        "eintragen.",
        "abc": "Der Wiederherstellungsschlüssel hat 48 Buchstaben und Ziffern, darunter nie 0, O, "
        "I und l; dieser hier ist anders. Er steht in matrix.recovery_key.",
        recovery_key(bytes(32)): "Der Wiederherstellungsschlüssel in matrix.recovery_key öffnet "
        f"die Schlüssel von {bot.user} nicht.",
    }

    other = kept(tmp_path / "c")
    for folder, (key, text) in itertools.product(("b", "c"), texts.items()):
        with pytest.raises(NeedsRecoveryKey) as refusal:
            await bot.ensure(tmp_path / folder, recovery_key=key)
        assert str(refusal.value).partition(" Ist er verloren")[0] == text
    assert kept(tmp_path / "c") == other
    assert not (tmp_path / "b").exists()
    assert await bot.on_server() == before


@pytest.mark.parametrize("damage", [None, "", "{}", '{"master": 3}', "[]", "\x00"])
async def test_the_recovery_key_brings_the_account_back(
    device: Devices, participant: Login, tmp_path: Path, damage: str | None
) -> None:
    owner, anna = await participant("bot"), await participant("anna")
    first = await (await device(owner)).ensure(tmp_path / "old")
    bot, folder = await device(owner), tmp_path / "new"
    if damage is not None:
        folder.mkdir()
        (folder / FILE).write_text(damage)
    with pytest.raises(NeedsRecoveryKey):
        await bot.ensure(folder)

    outcome = await bot.ensure(folder, recovery_key=f"\n{first.recovery_key}".replace(" ", "-"))

    assert outcome == Outcome(None, backed_up=True)
    shown(tmp_path / "old")
    assert kept(folder) == kept(tmp_path / "old")
    assert await signed(bot, anna)
    assert await bot.ensure(folder) == outcome


async def test_a_recovery_key_needs_something_to_open(
    device: Devices, participant: Login, proxy: Proxy, tmp_path: Path
) -> None:
    """The server has lost the copy, or spoilt it, or it belongs to earlier keys."""
    owner = await participant("bot")
    first = await (await device(owner)).ensure(tmp_path / "a")
    bot, spoilt = await device(owner), {"iv": "", "ciphertext": "AAAA", "mac": 3}
    [name] = (await bot.on_server())[1][0]["content"]["encrypted"]
    foreign = StorageKey(name, read_recovery_key(first.recovery_key or ""))
    wrong = foreign.seal("m.cross_signing.user_signing", SigningKey(bytes(32)).written)
    for content in ({}, {"encrypted": None}, *({"encrypted": {name: x}} for x in (spoilt, wrong))):
        await bot.account_data("m.cross_signing.user_signing", content)
        with pytest.raises(NeedsRecoveryKey, match="öffnet die Schlüssel von"):
            await bot.ensure(tmp_path / "b", recovery_key=first.recovery_key or "")
    assert not (tmp_path / "b").exists()


async def test_a_server_may_want_the_password(
    device: Devices, participant: Login, tmp_path: Path
) -> None:
    """As Synapse does when it was interrupted after the first of the three keys."""
    bot, anna = await device(await participant("bot")), await participant("anna")
    identity = Identity.made(bot.user)
    identity.keep(tmp_path)
    path = ("keys", "device_signing", "upload")
    await bot.owner.call("POST", *path, body={"master_key": identity.public("master")})

    for password in ("", "falsch"):
        with pytest.raises(NeedsPassword) as refusal:
            await bot.ensure(tmp_path, password=password)
        assert str(refusal.value) == (
            f"Der Homeserver verlangt das Passwort von {bot.user}, bevor er dessen Schlüssel "
            "annimmt. Bitte für einen Start in config.toml als matrix.password eintragen."
        )
    assert (await bot.ensure(tmp_path, password=PASSWORD)).recovery_key
    assert await signed(bot, anna)


async def test_the_keys_of_another_account_stay_what_they_are(
    device: Devices, participant: Login, tmp_path: Path
) -> None:
    bot = await device(await participant("bot"))
    Identity.made("@alt:localhost").keep(tmp_path)
    before = kept(tmp_path), await bot.on_server()

    with pytest.raises(OperatorNeeded) as refusal:
        await bot.ensure(tmp_path)

    assert str(refusal.value) == (
        f"In {tmp_path} liegen die Schlüssel von @alt:localhost. Für {bot.user} bitte einen "
        "eigenen Datenordner nehmen."
    )
    assert (kept(tmp_path), await bot.on_server()) == before


async def test_only_our_own_device_is_signed(
    device: Devices, participant: Login, proxy: Proxy, tmp_path: Path
) -> None:
    bot = await device(await participant("bot"))
    before = await bot.on_server()
    lost = Olm(bot.user, bot.name, SqliteMemoryStore(bot.user, bot.name))
    unknown = Olm(bot.user, "NOBODY", SqliteMemoryStore(bot.user, "NOBODY"))

    with pytest.raises(WrongDeviceKeys, match=bot.name):
        await ensure(bot.client, lost, tmp_path / "keys")
    for body in (None, "[]", json.dumps({"device_keys": {bot.user: []}})):
        if body:
            proxy.when("/keys/query", status(200, body, "application/json"))
        with pytest.raises(Unreachable, match="does not know the keys of our device"):
            await ensure(bot.client, unknown, tmp_path / "keys")

    assert await bot.on_server() == before
    assert not (tmp_path / "keys").exists()


async def test_a_server_without_secret_storage_is_asked_again(
    device: Devices, participant: Login, proxy: Proxy, tmp_path: Path
) -> None:
    bot, anna = await device(await participant("bot")), await participant("anna")
    for code in (400, 403, 404, 500):
        refused = proxy.when("^PUT .*account_data", status(code, '{"errcode": "M_NO"}'))
        assert await bot.ensure(tmp_path) == Outcome(None, backed_up=False)
        assert refused.hits == 1
    shown(tmp_path)
    assert await signed(bot, anna)
    proxy.heal()
    assert (await bot.ensure(tmp_path)).recovery_key


async def test_the_secret_storage_of_somebody_else_is_left_alone(
    device: Devices, participant: Login, tmp_path: Path
) -> None:
    bot, anna = await device(await participant("bot")), await participant("anna")
    await bot.account_data(DEFAULT, {"key": "fremd"})
    before = (await bot.on_server())[1]

    assert await bot.ensure(tmp_path) == Outcome(None, backed_up=False)

    assert (await bot.on_server())[1] == before
    assert await signed(bot, anna)


async def test_a_server_that_forgot_everything_gets_it_again(
    device: Devices, participant: Login, tmp_path: Path
) -> None:
    bot, anna = await device(await participant("bot")), await participant("anna")
    known = replace(Identity.made(bot.user), storage=None, stored=True)
    known.keep(tmp_path)

    outcome = await bot.ensure(tmp_path)

    assert outcome.recovery_key
    assert (Identity.read(tmp_path) or known).keys == known.keys
    assert await signed(bot, anna)


async def test_signatures_that_are_not_taken_are_an_error(
    device: Devices, participant: Login, proxy: Proxy, tmp_path: Path
) -> None:
    bot = await device(await participant("bot"))
    answer = {"failures": {bot.user: {bot.name: {"errcode": "M_INVALID_SIGNATURE"}}}}
    proxy.when("/signatures/upload", status(200, json.dumps(answer), "application/json"), times=1)
    with pytest.raises(Rejected, match="does not accept our signatures"):
        await bot.ensure(tmp_path)
    assert (await bot.ensure(tmp_path)).recovery_key


async def test_no_secret_is_shown_or_logged(
    device: Devices, participant: Login, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    bot = await device(await participant("bot"))
    outcome = await bot.ensure(tmp_path)
    identity, content = Identity.read(tmp_path), kept(tmp_path)
    assert identity
    secrets = [*(content[name] for name in NAMES), content["storage"]["key"], outcome.recovery_key]
    secrets += [str(key.seed) for key in identity.keys.values()]
    (tmp_path / FILE).write_text((tmp_path / FILE).read_text()[:-1])
    with pytest.raises(NeedsRecoveryKey) as refusal:
        await bot.ensure(tmp_path, recovery_key=recovery_key(bytes(32)))

    said = caplog.text + repr((outcome, identity, refusal.value, bot.client)) + str(refusal.value)

    assert f"{tmp_path / FILE} is damaged" in caplog.text
    assert [secret for secret in secrets if secret in said] == []
    assert recovery_key(bytes(32)) not in said


async def test_elements_library_takes_what_the_bot_has_made(
    device: Devices, participant: Login, homeserver: Homeserver, tmp_path: Path
) -> None:
    bot = await device(await participant("bot"))
    outcome = await bot.ensure(tmp_path)
    async with Peer(homeserver.base_url, bot.user) as human:
        await human.login(PASSWORD, signed=False)
        await human.recover_keys(outcome.recovery_key or "")
        await eventually(lambda: trusted(human, bot), 10)
    assert await bot.ensure(tmp_path) == outcome


async def test_the_bot_takes_what_elements_library_has_made(
    device: Devices, participant: Login, homeserver: Homeserver, tmp_path: Path
) -> None:
    owner = await participant("bot")
    async with Peer(homeserver.base_url, owner.user_id) as human:
        await human.login(PASSWORD)
        text, bot = await human.keep_keys(), await device(owner)
        with pytest.raises(NeedsRecoveryKey):
            await bot.ensure(tmp_path)
        assert not await trusted(human, bot)
        assert await bot.ensure(tmp_path, recovery_key=text) == Outcome(None, backed_up=True)
        await eventually(lambda: trusted(human, bot), 10)


async def trusted(human: Peer, bot: Device) -> bool:
    """Whether Element would show the bot's device as verified by its owner."""
    return (await human.trust(bot.user)).devices.get(bot.name) == Trusted(True, True, True)
