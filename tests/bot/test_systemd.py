"""What systemd hears, on a socket of its own."""

import asyncio
import os
import socket
from datetime import UTC, datetime

import pytest

from bot import systemd
from bot.pulse import OLD, Pulse

NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture(params=["file", "abstract"])
def heard(request, tmp_path, monkeypatch):
    """What was said to it so far."""
    name = str(tmp_path / "notify")
    address = {"file": name, "abstract": f"@kursbot{os.getpid()}"}[request.param]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(address.replace("@", "\0", 1) if address[0] == "@" else address)
        listener.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", address)

        def all_there_is():
            found = []
            while True:
                try:
                    found.append(listener.recv(100).decode())
                except BlockingIOError:
                    return found

        yield all_there_is


async def test_it_hears_from_a_living_bot_until_that_reads_no_more(heard, monkeypatch):
    monkeypatch.setenv("WATCHDOG_USEC", "30000")
    pulse = Pulse(lambda: NOW)
    pulse.read(None)
    pulse.strike()
    watching = asyncio.create_task(systemd.watch(pulse))
    said = []
    async with asyncio.timeout(5):
        while len(said) < 3:
            await asyncio.sleep(0.005)
            said += heard()
        assert said[:3] == ["READY=1", "WATCHDOG=1", "WATCHDOG=1"]
        pulse._read -= OLD
        assert not pulse.alive()
    watching.cancel()


async def test_without_a_watchdog_it_is_only_told_that_the_bot_is_ready(heard, monkeypatch):
    for name, value in (("WATCHDOG_USEC", "x"), ("WATCHDOG_USEC", "9"), ("WATCHDOG_PID", "1")):
        monkeypatch.setenv(name, value)
    await systemd.watch(Pulse(lambda: NOW))
    assert heard() == ["READY=1"]


@pytest.mark.parametrize("address", ["", "/nobody/there", "@nobody-there", "relative", "/" * 500])
def test_nobody_need_listen(address, monkeypatch, caplog):
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    systemd.notify(systemd.STOPPING)
    assert len(caplog.records) == (address[:1] in ("/", "@"))
