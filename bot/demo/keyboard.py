"""The end of the demo is up to the people at the terminal: they type, until they have enough."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from functools import partial

from bot.demo.screen import Screen
from bot.demo.stage import INFO, ORGA, TALK, Stage

ME = "tn01"
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


async def stay(stage: Stage, screen: Screen) -> None:
    """Send what is typed here, until Ctrl-C or the end of the input."""
    lines: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin.fileno(), take, sys.stdin.fileno(), lines)
    on_signals(partial(lines.put_nowait, ""))
    screen.invitation(stage, ME)
    try:
        while line := await lines.get():
            account, room, text = addressed(line, stage.leaders[0])
            if text:
                await stage.people[account].say(stage.rooms[room], text)
    finally:
        loop.remove_reader(sys.stdin.fileno())
    screen.progress("Es wird aufgeräumt …")


def take(source: int, lines: asyncio.Queue[str]) -> None:
    """Read what was typed, without waiting; an empty line without its end is the end of all."""
    typed = os.read(source, 65536).decode(errors="replace")
    for line in typed.splitlines(keepends=True) or [""]:
        lines.put_nowait(line)


def addressed(line: str, leader: str) -> tuple[str, str, str]:
    """Who writes a typed line, into which room, and what: by itself it goes to the bot directly."""
    room, _, text = line.strip().removeprefix("#").partition(" ")
    writers = {TALK: ME, ORGA: leader, INFO: leader}
    if line.startswith("#") and room.lower() in writers:
        return writers[room.lower()], room.lower(), text.strip()
    return ME, ME, line.strip()


def on_signals(action: Callable[[], object]) -> None:
    """What Ctrl-C, a closed terminal and SIGTERM do from now on."""
    for number in SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, action)


def release_signals() -> None:
    """Let them do again what they always do."""
    for number in SIGNALS:
        asyncio.get_running_loop().remove_signal_handler(number)
