"""The running service, watched from outside: its health, its numbers, its log."""

import contextlib
import json
import re
import socket
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from bot.homeserver import Homeserver, free_port
from tests.matrix.cohort import PASSWORD, TALK, cohort, times
from tests.matrix.proxy import running, status
from tests.matrix.service import eventually

CANARY = "Kanarienvogel"
RED = "Homeserver nicht gelesen"


@pytest.mark.soak
async def test_the_homeserver_goes_and_comes_back(
    homeserver: Homeserver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With everything in the log that there is, twice killed: and none of it tells anything."""
    site = f"127.0.0.1:{free_port()}"
    web, log = {"listen": site}, {"format": "json"}
    async with (
        running(homeserver.base_url) as proxy,
        systemd(tmp_path / "notify", monkeypatch) as heard,
        cohort(homeserver, tmp_path, 1, encrypted=True, web=web, log=log) as course,
        aiohttp.ClientSession(f"http://{site}") as http,
    ):
        service, person = course.service, course.people["tn01"]
        file = service.folder / "config.toml"
        file.write_text(file.read_text().replace(homeserver.base_url, proxy.base_url))
        service.read(course.course(times(datetime.now(UTC), 3600)))
        service.verbose = True

        async def health() -> tuple[int, list[str]]:
            async with http.get("/healthz") as answer:
                found = await answer.json()
                return answer.status, [one["text"] for one in found["reasons"]]

        async def red() -> bool:
            code, reasons = await health()
            return code == 503 and reasons[0].startswith(RED)

        async def green() -> bool:
            return await health() == (200, [])

        await course.arrive()
        await eventually(green, 10)
        assert heard()[:2] == ["READY=1", "WATCHDOG=1"]
        await person.say(course.rooms[TALK], f"!suche {CANARY}")
        await person.wait_for(lambda e: e.sender == course.bot and CANARY in e.body)
        async with http.get("/metrics") as answer:
            numbers = await answer.text()
        assert re.search(
            r'^kursbot_commands_total{command="suche",outcome="done"} 1', numbers, re.M
        )
        assert re.search(r'^kursbot_answer_seconds_bucket{le="2.0"} [12]', numbers, re.M)
        assert re.search(r'^kursbot_posts{state="skipped"} 0', numbers, re.M)

        proxy.when("", status(502, f"<html>{CANARY}</html>"))
        await person.say(course.rooms[TALK], f"!suche {CANARY} zwei")
        await eventually(red, 30, 0.5)
        proxy.heal()
        await eventually(green, 60, 0.5)
        service.kill()
        service.start()
        await service.ready()
        await eventually(green, 10)
        secrets = (CANARY, PASSWORD, session(service.folder), "Bearer", person.user_id[1:6] + " ")
        heard()  # no more than ten wait there
        assert await service.stop() == 0
        assert heard()[-1] == "STOPPING=1"
        told = service.log.read_text("utf-8")
        assert [secret for secret in secrets if secret in told] == []
        assert {json.loads(line)["level"] for line in told.splitlines()} >= {"DEBUG", "WARNING"}


@contextlib.asynccontextmanager
async def systemd(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Callable[[], list[str]]]:
    """What it would hear, and that it watches."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(place))
        listener.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(place))
        monkeypatch.setenv("WATCHDOG_USEC", "1500000")

        def heard() -> list[str]:
            found = []
            with contextlib.suppress(BlockingIOError):
                while True:
                    found.append(listener.recv(100).decode())
            return found

        yield heard


def session(folder: Path) -> str:
    return json.loads((folder / "data" / "session.json").read_text())["access_token"]
