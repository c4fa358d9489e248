"""Tell systemd how the service is: sd_notify(3), a word to the socket that it has named."""

import asyncio
import logging
import os
import socket

from bot.pulse import Pulse

log = logging.getLogger(__name__)

READY, ALIVE, STOPPING = "READY=1", "WATCHDOG=1", "STOPPING=1"


def notify(state: str) -> None:
    """Say it; nothing happens where nobody listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    if address.startswith("@"):  # in the abstract namespace of Linux
        address = f"\0{address[1:]}"
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
            link.setblocking(False)
            link.sendto(state.encode(), address)
    except OSError as error:
        log.warning("cannot tell systemd %s: %s", state, error.strerror)


async def watch(pulse: Pulse) -> None:
    """Ready by now; from here on a word now and then, as long as the bot hears and speaks."""
    notify(READY)
    seconds = patience() / 3
    while seconds:
        if pulse.alive():
            notify(ALIVE)
        await asyncio.sleep(seconds)


def patience() -> float:
    """Seconds of silence after which systemd ends this process (WatchdogSec=); 0 if it never does.

    The environment of a parent may name another process.
    """
    whole, mine = os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID", "")
    if not whole.isdecimal() or mine not in ("", str(os.getpid())):
        return 0.0
    return int(whole) / 1_000_000
