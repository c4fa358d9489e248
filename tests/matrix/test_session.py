"""The bot finds its account: by password, by token, and by what it kept of its last login."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.config import Matrix
from bot.homeserver import Homeserver
from bot.matrix.access import SignedOut
from bot.matrix.session import open_session
from tests.matrix.conftest import PASSWORD, Login

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


async def signed_in(folder: Path, **config: str) -> tuple[str, str]:
    """The account and the device of a session."""
    client = await open_session(Matrix(**config), folder, NOW)
    await client.close()
    return client.user_id, client.device_id


async def test_a_password_is_needed_once(
    homeserver: Homeserver, participant: Login, tmp_path: Path
) -> None:
    user_id = (await participant("bot")).user_id
    account = {"homeserver": homeserver.base_url, "user_id": user_id}
    first = await signed_in(tmp_path, **account, password=PASSWORD)
    assert first[0] == user_id
    assert first[1]
    assert await signed_in(tmp_path, **account, password="vergessen") == first
    assert (tmp_path / "session.json").stat().st_mode & 0o777 == 0o600


async def test_a_token_alone_finds_its_device(
    homeserver: Homeserver, participant: Login, tmp_path: Path
) -> None:
    person = await participant("bot")
    token = await person.login(PASSWORD)
    device = (await person.call("GET", "account", "whoami"))["device_id"]
    account = {"homeserver": homeserver.base_url, "user_id": person.user_id}
    assert await signed_in(tmp_path, **account, access_token=token) == (person.user_id, device)
    assert not (tmp_path / "session.json").exists()


async def test_wrong_secrets_are_final(
    homeserver: Homeserver, participant: Login, tmp_path: Path
) -> None:
    person = await participant("bot")
    account = {"homeserver": homeserver.base_url, "user_id": person.user_id}
    with pytest.raises(SignedOut):
        await signed_in(tmp_path, **account, password="falsch")
    with pytest.raises(SignedOut):
        await signed_in(tmp_path, **account, access_token="falsch")
    token = await person.login(PASSWORD)
    other = account | {"user_id": homeserver.user_id("jemand-anders")}
    with pytest.raises(SignedOut, match="Das Token gehört nicht zu"):
        await signed_in(tmp_path, **other, access_token=token)
