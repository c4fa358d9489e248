"""The bot finds its account: by password, by token, and by what it kept of its last sign-in."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.config import Matrix
from bot.homeserver import Homeserver
from bot.matrix.access import SignedOut, TokenRefused, fingerprint
from bot.matrix.client import Client
from bot.matrix.session import new_device, open_session
from bot.obstacles import Unreachable
from bot.participant import Participant, Refused
from tests.matrix.conftest import PASSWORD, Login
from tests.matrix.proxy import Proxy, reset, running, status

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
REFUSED = '{"errcode": "M_UNKNOWN_TOKEN", "error": "no", "soft_logout": false}'
EXPIRED = '{"errcode": "M_UNKNOWN_TOKEN", "error": "no", "soft_logout": true}'


@dataclass
class Account:
    """An account behind the proxy, the settings for it, and the folder where sessions are kept."""

    proxy: Proxy
    person: Participant
    folder: Path
    config: Matrix = field(init=False)

    def __post_init__(self) -> None:
        self.config = Matrix(self.proxy.base_url, self.person.user_id, password=PASSWORD)

    @property
    def file(self) -> Path:
        return self.folder / "session.json"

    def kept(self) -> dict[str, object]:
        return dict(json.loads(self.file.read_text()))

    def change(self, **settings: str) -> None:
        self.config = replace(self.config, **settings)

    async def open(self, now: datetime = NOW, refusal: TokenRefused | None = None) -> str:
        """Open a session and close it; its device."""
        client = await open_session(self.config, self.folder, now, refusal)
        return await ended(client)

    async def remove(self) -> None:
        """Sign the kept session out, as from another client: its device is gone."""
        async with self.owner() as owner:
            await owner.call("POST", "logout", body={})

    def refusal(self, device: str = "") -> TokenRefused:
        """What an open session with the kept token would meet."""
        token = fingerprint(str(self.kept()["access_token"]))
        return TokenRefused(token, "M_UNKNOWN_TOKEN", device)

    def owner(self) -> Participant:
        """Somebody with the kept token."""
        token = str(self.kept()["access_token"])
        return Participant(self.proxy.base_url, self.config.user_id, token)

    async def devices(self) -> set[str]:
        found = await self.person.call("GET", "devices")
        return {device["device_id"] for device in found["devices"]}


async def ended(client: Client) -> str:
    """The device of a session that works, and no longer."""
    try:
        assert (await client.call("GET", "account", "whoami"))["device_id"] == client.device_id
        return client.device_id
    finally:
        await client.close()


@pytest.fixture
async def account(
    homeserver: Homeserver, participant: Login, tmp_path: Path
) -> AsyncIterator[Account]:
    async with running(homeserver.base_url) as proxy:
        yield Account(proxy, await participant("bot"), tmp_path)


async def test_a_password_is_needed_once(account: Account) -> None:
    device = await account.open()
    account.change(password="vergessen")
    assert await account.open() == device
    assert account.proxy.count("/login") == 1
    assert account.file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in account.folder.iterdir()] == ["session.json"]


async def test_the_device_of_the_settings_is_the_first_one(account: Account) -> None:
    account.change(device_id="KURSBOT")
    assert await account.open() == "KURSBOT"


async def test_a_token_alone_finds_its_device(account: Account) -> None:
    token = await account.person.login(PASSWORD)
    device = (await account.person.call("GET", "account", "whoami"))["device_id"]
    account.change(access_token=token, password="")
    assert await account.open() == device
    assert list(account.folder.iterdir()) == []


async def test_a_refresh_token_of_the_settings_is_used_and_followed(account: Account) -> None:
    await account.open()
    first = {key: str(account.kept()[key]) for key in ("access_token", "refresh_token")}
    account.file.unlink()
    account.change(password="", **first)
    account.proxy.when("/whoami", status(401, EXPIRED, "application/json"), times=1)
    device = await account.open()
    newest = account.kept()
    assert {key: newest[key] == first[key] for key in first} == dict.fromkeys(first, False)

    assert await account.open() == device
    assert (account.kept(), account.proxy.count("/refresh")) == (newest, 1)

    other = await account.person.login(PASSWORD)
    account.change(access_token=other, refresh_token="")
    assert await account.open() != device
    assert account.kept() == newest


async def test_an_expired_session_keeps_its_device(account: Account) -> None:
    device = await account.open()
    account.proxy.when("/whoami", status(401, EXPIRED, "application/json"), times=1)
    account.proxy.when("/refresh", status(401, REFUSED, "application/json"), times=1)
    assert await account.open() == device
    counts = [account.proxy.count(path) for path in ("/refresh", "/login")]
    assert counts == [1, 2]
    assert account.kept()["renewed"] == NOW.timestamp()


async def test_a_removed_device_is_followed_by_a_new_one(account: Account) -> None:
    first = await account.open()
    await account.remove()
    second = await account.open()
    assert first != second
    assert account.kept()["device_id"] == second
    assert (first in await account.devices(), second in await account.devices()) == (False, True)


async def test_the_token_of_an_ended_session_is_not_tried_again(account: Account) -> None:
    await account.open()
    asked = account.proxy.count("")
    await account.open(refusal=account.refusal())
    new = [line for _, line in account.proxy.seen[asked:]]
    assert [line.rpartition("/")[2] for line in new] == ["login", "whoami"]


async def test_a_second_refusal_within_ten_minutes_is_final(account: Account) -> None:
    await account.open()
    await account.remove()
    await account.open()
    for minutes in (9, -9):
        with pytest.raises(SignedOut, match=r"klären, wer das Gerät abmeldet"):
            await account.open(NOW + timedelta(minutes=minutes), account.refusal())
    assert account.proxy.count("/login") == 2
    await account.open(NOW + timedelta(minutes=10), account.refusal())
    assert account.proxy.count("/login") == 3


async def test_a_new_sign_in_that_found_no_server_is_tried_again(account: Account) -> None:
    first = await account.open()
    account.proxy.when("/login", reset)
    refusal = account.refusal(first)
    for _ in range(2):
        with pytest.raises(Unreachable):
            await account.open(refusal=refusal)
    account.proxy.heal()
    assert await account.open(refusal=refusal) == first
    assert await account.open(refusal=refusal) == first
    assert account.proxy.count("/login") == 4


async def test_a_refused_token_without_a_password_is_final(account: Account) -> None:
    account.change(access_token="syt_falsch", password="")
    with pytest.raises(SignedOut) as caught:
        await account.open()
    assert str(caught.value) == (
        "Der Homeserver nimmt das Token nicht mehr an (M_UNKNOWN_TOKEN): ein neues als "
        "matrix.access_token eintragen und den Bot neu starten."
    )
    assert len(account.proxy.seen) == 1


async def test_a_refused_token_gives_way_to_the_password_for_good(account: Account) -> None:
    account.change(access_token="syt_falsch")
    device = await account.open()
    assert await account.open() == device
    counts = [account.proxy.count(path) for path in ("/login", "/whoami")]
    assert counts == [1, 4]


async def test_a_wrong_password_is_one_request(account: Account) -> None:
    account.change(password="falsch")
    with pytest.raises(SignedOut) as caught:
        await account.open()
    assert str(caught.value) == (
        f"Der Homeserver nimmt das Passwort von {account.config.user_id} nicht an: "
        "matrix.password berichtigen und den Bot neu starten."
    )
    assert len(account.proxy.seen) == 1
    account.change(password=PASSWORD)
    await account.open()


@pytest.mark.parametrize(
    ("code", "answer", "sentence"),
    [
        (403, "M_USER_DEACTIVATED", "ist stillgelegt: ein anderes eintragen"),
        (401, "M_USER_LOCKED", "ist gesperrt: es auf dem Homeserver entsperren lassen"),
        (404, "M_UNRECOGNIZED", r"keine Anmeldung mit Passwort an \(M_UNRECOGNIZED\)"),
        (400, "M_UNKNOWN", r"keine Anmeldung mit Passwort an \(M_UNKNOWN\)"),
    ],
)
async def test_what_only_a_human_can_change_is_said(
    account: Account, code: int, answer: str, sentence: str
) -> None:
    account.proxy.when("/login", status(code, f'{{"errcode": "{answer}"}}', "application/json"))
    with pytest.raises(SignedOut, match=sentence):
        await account.open()
    assert len(account.proxy.seen) == 1


async def test_an_account_closed_by_the_server_is_not_signed_in_again(
    account: Account, homeserver: Homeserver
) -> None:
    await account.open()
    await homeserver.register(f"admin-{account.folder.name}", PASSWORD, admin=True)
    admin_id = homeserver.user_id(f"admin-{account.folder.name}")
    async with Participant(homeserver.base_url, admin_id) as admin:
        token = await admin.login(PASSWORD)
    url = f"{homeserver.base_url}/_synapse/admin/v2/users/{account.config.user_id}"
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(headers=headers) as http:
        async with http.put(url, json={"locked": True}) as response:
            assert response.status == 200
        for closed in ("ist gesperrt", "ist stillgelegt|nimmt das Passwort von"):
            with pytest.raises(SignedOut, match=closed):
                await account.open()
            async with http.put(url, json={"locked": False, "deactivated": True}) as response:
                assert response.status == 200
    assert account.proxy.count("/login") == 2


@pytest.mark.parametrize(
    ("code", "body", "patience"),
    [
        (429, '{"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 7000}', 7.0),
        (502, "<html>Bad Gateway</html>", 0.0),
        (403, "<html>Forbidden</html>", 0.0),
        (200, '{"access_token": 5}', 0.0),
        (200, "[]", 0.0),
    ],
)
async def test_a_server_in_trouble_is_asked_again_later(
    account: Account, code: int, body: str, patience: float
) -> None:
    account.proxy.when("/login", status(code, body), times=1)
    with pytest.raises(Unreachable) as caught:
        await account.open()
    assert caught.value.patience == patience
    await account.open()


async def test_a_senseless_answer_does_not_end_a_session(account: Account) -> None:
    device = await account.open()
    for body in ("{}", "[]", '{"user_id": 5}'):
        account.proxy.when("/whoami", status(200, body), times=1)
        with pytest.raises(Unreachable):
            await account.open()
    assert await account.open() == device


@pytest.mark.parametrize(
    "content",
    [b"", b'{"access_token": "syt', b"[]", b"{}", b"\xff\x00", b'{"access_token": 5}', b"[" * 9999],
)
async def test_a_damaged_file_is_replaced_by_a_new_sign_in(
    account: Account, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    account.file.write_bytes(content)
    device = await account.open()
    assert account.kept()["device_id"] == device
    assert await account.open() == device
    damaged = [r for r in caplog.messages if r == f"{account.file} is damaged and not used"]
    assert len(damaged) == (0 if content == b"{}" else 1)


async def test_a_damaged_file_leaves_the_token_of_the_settings(account: Account) -> None:
    token = await account.person.login(PASSWORD)
    account.change(access_token=token, password="")
    account.file.write_text("{")
    await account.open()
    account.change(access_token="syt_alt")
    with pytest.raises(SignedOut, match=r"ein neues als matrix\.access_token eintragen"):
        await account.open()


async def test_a_disk_that_is_full_makes_no_devices(account: Account) -> None:
    (account.folder / "session.json.new").mkdir()
    with pytest.raises(OSError, match=r"session\.json\.new"):
        await account.open()
    assert account.proxy.seen == []


async def test_the_token_of_another_account_is_refused(
    account: Account, homeserver: Homeserver
) -> None:
    token = await account.person.login(PASSWORD)
    account.change(access_token=token, user_id=homeserver.user_id("jemand-anders"))
    with pytest.raises(SignedOut, match="Das Token gehört nicht zu @jemand-anders"):
        await account.open()
    assert account.proxy.count("/login") == 0


async def test_a_token_without_a_device_cannot_encrypt(account: Account) -> None:
    token = await account.person.login(PASSWORD)
    account.change(access_token=token)
    answer = json.dumps({"user_id": account.config.user_id})
    account.proxy.when("/whoami", status(200, answer, "application/json"))
    with pytest.raises(SignedOut, match="Zu dem Token gehört kein Gerät"):
        await account.open()


async def test_a_new_device_replaces_the_old_one(account: Account) -> None:
    first = await account.open()
    second = await ended(await new_device(account.config, account.folder, NOW))
    assert first != second
    assert (first in await account.devices(), second in await account.devices()) == (False, True)
    assert await account.open() == second


async def test_a_new_device_replaces_that_of_the_settings(account: Account) -> None:
    token = await account.person.login(PASSWORD)
    account.change(access_token=token)
    first = await account.open()
    second = await ended(await new_device(account.config, account.folder, NOW))
    with pytest.raises(Refused, match="401"):
        await account.devices()
    await account.person.login(PASSWORD)
    assert (first in await account.devices(), second in await account.devices()) == (False, True)
    assert await account.open() == second


async def test_an_old_device_that_cannot_be_signed_out_does_not_matter(account: Account) -> None:
    first = await account.open()
    account.proxy.when("/logout", reset)
    second = await ended(await new_device(account.config, account.folder, NOW))
    assert first != second
    assert await account.open() == second


async def test_without_a_password_there_is_no_new_device(account: Account) -> None:
    token = await account.person.login(PASSWORD)
    account.change(access_token=token, password="")
    with pytest.raises(SignedOut, match="Die Schlüssel des Geräts sind verloren: ein Token für"):
        await new_device(account.config, account.folder, NOW)
    assert account.proxy.seen == []
