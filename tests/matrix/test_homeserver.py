"""The homeserver of demo and tests: quick, quiet, and never left behind."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from bot.homeserver import Homeserver, HomeserverError, running
from bot.participant import Participant, Refused

ROOT = Path(__file__).resolve().parents[2]
PARENT = """
import asyncio, pathlib, signal, sys
from bot.homeserver import Homeserver
signal.signal(signal.SIGINT, lambda *_: print("interrupted", flush=True))
server = Homeserver(pathlib.Path(sys.argv[1]))
asyncio.run(server.start())
print(server.base_url, flush=True)
while True:
    signal.pause()
"""


def answers(base_url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{base_url}/_matrix/client/versions", timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


async def test_accounts_have_names_and_may_be_administrators(homeserver: Homeserver) -> None:
    await homeserver.register("frau-schmidt", "geheim", admin=True, displayname="Frau Schmidt")
    user_id = homeserver.user_id("frau-schmidt")
    async with Participant(homeserver.base_url, user_id) as schmidt:
        await schmidt.login("geheim")
        assert await schmidt.call("GET", "profile", user_id) == {"displayname": "Frau Schmidt"}
        assert (await schmidt.call("GET", "admin", "whois", user_id))["user_id"] == user_id


async def test_a_taken_name_is_refused(homeserver: Homeserver) -> None:
    await homeserver.register("doppelt", "geheim")
    with pytest.raises(HomeserverError, match="^Konto doppelt: .*User ID already taken"):
        await homeserver.register("doppelt", "anders")


async def test_nobody_gets_in_with_a_wrong_password(homeserver: Homeserver) -> None:
    await homeserver.register("vorsichtig", "geheim")
    async with Participant(homeserver.base_url, homeserver.user_id("vorsichtig")) as stranger:
        with pytest.raises(Refused, match="403") as refusal:
            await stranger.login("geraten")
    assert refusal.value.status == 403


async def test_address_and_data_survive_a_kill(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async with running(tmp_path / "server") as server:
        address = server.base_url
        await server.register("anna", "geheim")
        server.kill()
        assert not answers(address)
        await server.start()
        assert server.base_url == address
        async with Participant(address, server.user_id("anna")) as anna:
            await anna.login("geheim")
    assert not answers(address)
    assert capfd.readouterr() == ("", "")


async def test_a_taken_port_is_said_and_not_waited_for(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as squatter:
        server = Homeserver(tmp_path / "server", port=squatter.getsockname()[1])
        with pytest.raises(HomeserverError, match="nicht gestartet(.|\n)*Failed to listen"):
            await asyncio.wait_for(server.start(), 30)


def test_it_ignores_ctrl_c_and_dies_with_its_parent(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path / "server")]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as parent:
        assert parent.stdout
        address = parent.stdout.readline().strip()
        os.killpg(parent.pid, signal.SIGINT)
        assert parent.stdout.readline() == "interrupted\n"
        assert answers(address)
        parent.kill()
    deadline = time.monotonic() + 10
    while answers(address):
        assert time.monotonic() < deadline, "an orphan is left"
