"""The service loses its account: it comes back by itself once, or ends with code 4 and why."""

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.homeserver import Homeserver
from bot.participant import Participant
from tests.matrix.conftest import PASSWORD, Login
from tests.matrix.proxy import Fault, Proxy, reset, running, status
from tests.matrix.service import Service, eventually

LOGIN = {"type": "m.login.password", "password": PASSWORD}
REFUSED = '{"errcode": "M_UNKNOWN_TOKEN", "error": "no"}'
WRONG = "ein-falsches-passwort"


@dataclass
class Bot:
    """The service behind a proxy."""

    service: Service
    proxy: Proxy
    user_id: str

    def configure(self, **secrets: str) -> None:
        """Its settings, with what opens the account; it tells as much as it ever does."""
        account = {"homeserver": self.proxy.base_url, "user_id": self.user_id, **secrets}
        self.service.configure("", "", "", matrix=account, log={"level": "DEBUG"})

    def session(self) -> dict[str, str]:
        return dict(json.loads((self.service.folder / "data" / "session.json").read_text()))

    async def removed(self) -> None:
        """Sign its session out, as from another client."""
        token = self.session()["access_token"]
        async with Participant(self.proxy.base_url, self.user_id, token) as owner:
            await owner.call("POST", "logout", body={})

    async def ended(self) -> int:
        """Wait until it ends by itself; its exit code."""

        async def gone() -> bool:
            return exited(self.service.pid)

        await eventually(gone, 60)
        return await self.service.stop()

    async def started_again(self) -> None:
        async def ready() -> bool:
            return self.service.log.read_text().count("bot.app: ready") == 2

        await eventually(ready, 60)


@pytest.fixture
async def bot(homeserver: Homeserver, participant: Login, tmp_path: Path) -> AsyncIterator[Bot]:
    person = await participant("bot")
    async with running(homeserver.base_url) as proxy:
        service = Service(tmp_path / "bot")
        try:
            yield Bot(service, proxy, person.user_id)
        finally:
            service.kill()


def exited(pid: int) -> bool:
    """Whether this child has ended; its exit code is still to be fetched."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None


def words(bot: Bot) -> str:
    """All that it said, after its end."""
    return bot.service.log.read_text()


def argv(bot: Bot) -> str:
    """What every account of the machine can read about the process."""
    return Path(f"/proc/{bot.service.pid}/cmdline").read_text()


async def test_a_removed_device_is_followed_by_a_new_one_and_then_by_the_end(bot: Bot) -> None:
    bot.configure(password=PASSWORD)
    bot.service.start()
    await bot.service.ready()
    first = bot.session()
    assert (first["access_token"] in argv(bot), PASSWORD in argv(bot)) == (False, False)

    await bot.removed()
    await bot.started_again()
    second = bot.session()
    assert first["device_id"] != second["device_id"]
    assert bot.proxy.count("/login") == 2

    asked = len(bot.proxy.seen)
    await bot.removed()
    assert await bot.ended() == 4
    assert words(bot).splitlines()[-1] == (
        "Der Homeserver hat auch die neue Anmeldung gleich wieder verworfen (M_UNKNOWN_TOKEN): "
        "klären, wer das Gerät abmeldet, und den Bot nach 10 Minuten neu starten."
    )
    assert bot.proxy.count("/login") == 2
    assert len(bot.proxy.seen) - asked < 10

    said = words(bot)
    secrets = [PASSWORD] + [
        session[key] for session in (first, second) for key in ("access_token", "refresh_token")
    ]
    assert [secret for secret in secrets if secret in said] == []
    assert set(re.findall(r"^\S+ \S+ [A-Z]+ (\w+)", said, re.M)) == {"bot"}
    assert "Traceback" not in said


@pytest.mark.parametrize("fault", [status(502, "<html>"), status(401, "<html>"), reset])
async def test_trouble_while_it_comes_back_is_no_second_refusal(bot: Bot, fault: Fault) -> None:
    bot.configure(password=PASSWORD)
    bot.service.start()
    await bot.service.ready()
    trouble = bot.proxy.when("/keys/upload", fault, times=1)
    await bot.removed()
    await bot.started_again()
    assert (trouble.hits, bot.proxy.count("/login")) == (1, 2)


async def test_trouble_on_the_way_in_is_waited_out(bot: Bot) -> None:
    bot.configure(password=PASSWORD)
    nobody = '{"errcode": "M_NOT_FOUND", "error": "no"}'
    bot.proxy.when("/profile/", status(404, nobody, "application/json"), times=1)
    trouble = [
        bot.proxy.when(path, status(502, "<html>"), times=1) for path in ("/login", "/profile/")
    ]
    bot.service.start()
    await bot.service.ready(60)
    assert [rule.hits for rule in trouble] == [1, 1]
    assert (bot.proxy.count("/login"), bot.proxy.count("/profile/")) == (2, 2)


async def test_a_refusal_on_the_way_in_is_like_any_other(bot: Bot) -> None:
    bot.configure(password=PASSWORD)
    bot.proxy.when("/keys/upload", status(401, REFUSED, "application/json"))
    done = await asyncio.to_thread(bot.service.call, "run")
    assert (done.returncode, bot.proxy.count("/login")) == (4, 2)
    assert "klären, wer das Gerät abmeldet" in done.stderr


async def test_the_end_of_a_session_without_a_password_costs_one_refusal(bot: Bot) -> None:
    async with Participant(bot.proxy.base_url, bot.user_id) as owner:
        answer = await owner.call("POST", "login", body=LOGIN | {"user": bot.user_id})
    token = answer["access_token"]
    bot.configure(access_token=token)
    bot.service.start()
    await bot.service.ready()

    asked = len(bot.proxy.seen)
    async with Participant(bot.proxy.base_url, bot.user_id, token) as owner:
        await owner.call("POST", "logout", body={})
    assert await bot.ended() == 4
    assert words(bot).splitlines()[-1] == (
        "Der Homeserver nimmt das Token nicht mehr an (M_UNKNOWN_TOKEN): ein neues als "
        "matrix.access_token eintragen und den Bot neu starten."
    )
    assert len(bot.proxy.seen) - asked <= 4
    assert (token in words(bot), "Traceback" in words(bot)) == (False, False)


async def test_a_wrong_password_is_tried_once(bot: Bot) -> None:
    bot.configure(password=WRONG)
    done = await asyncio.to_thread(bot.service.call, "run")
    assert (done.returncode, bot.proxy.count("")) == (4, 1)
    assert done.stderr.splitlines()[-1] == (
        f"Der Homeserver nimmt das Passwort von {bot.user_id} nicht an: matrix.password "
        "berichtigen und den Bot neu starten."
    )
    assert (WRONG in done.stderr, "Traceback" in done.stderr) == (False, False)


async def test_nothing_it_writes_is_for_others(bot: Bot) -> None:
    bot.configure(password=PASSWORD)
    data = bot.service.folder / "data"
    data.mkdir(mode=0o755)
    (data / "kursbot.db").touch(mode=0o644)
    bot.service.start()
    await bot.service.ready()
    modes = {
        str(path.relative_to(data)): path.stat().st_mode & 0o077
        for path in (data, *data.rglob("*"))
    }
    assert {"session.json", "kursbot.db", "lock"} <= modes.keys()
    assert {name for name, open_to in modes.items() if open_to} == set()
