"""The course in one command: a homeserver, everybody's accounts, the bot, and a conversation."""

import asyncio
import contextlib
import sys
import tempfile
import tomllib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp
import click

from bot.app import clock
from bot.demo.check import SEEN, verdicts
from bot.demo.course import SAMPLE, times, written
from bot.demo.keyboard import on_signals, release_signals, stay
from bot.demo.process import BotError, BotProcess
from bot.demo.screen import Screen
from bot.demo.stage import BOT, TITLES, Stage
from bot.demo.story import bot_arrives, play
from bot.demo.transcript import Transcript
from bot.homeserver import HomeserverError, running
from bot.participant import Refused

LIMIT = 110  # seconds for everything up to the end of the conversation
CAST = ("tn01", "tn02", "tn04")  # whose direct chats are watched


class DemoError(Exception):
    """The demo cannot go on; the text says why."""


@click.command(help="Führt alles an einem Beispielkurs vor, mit eigenem Homeserver.")
@click.option("--check", is_flag=True, help="Danach alles zurücklesen und prüfen, ohne zu warten.")
def verb(check: bool) -> None:
    """Play, and end with 0 only if everything went well."""
    sys.exit(asyncio.run(demo(check, interactive=sys.stdin.isatty())))


async def demo(check: bool, interactive: bool) -> int:
    """Play everything once and return the exit code: 0 when all of it went well.

    `interactive` leaves it running afterwards for people to join; `check`, or nobody there to do
    so, reads everything back from the server instead. Says in one German sentence what is wrong.
    """
    loop = asyncio.get_running_loop()
    started = loop.time()
    screen = Screen(lambda: loop.time() - started)
    task = loop.create_task(perform(screen, interactive and not check))
    on_signals(partial(abort, task))
    code = 1
    try:
        code = await task
    except* asyncio.CancelledError:
        screen.progress("Abgebrochen.")
    except* TimeoutError:
        screen.progress(f"Nach {LIMIT} s war noch nicht alles geschehen; ich höre auf.")
    except* (DemoError, BotError, HomeserverError) as errors:
        screen.progress(reason(errors))
    except* (Refused, aiohttp.ClientError, OSError) as errors:
        screen.progress(f"Das hat nicht geklappt: {reason(errors)}")
    finally:
        release_signals()
    return code


async def perform(screen: Screen, stays: bool) -> int:
    """Start everything, let the story happen, read it back; then perhaps stay, and clear up."""
    async with AsyncExitStack() as stack:
        async with asyncio.timeout(LIMIT):
            stage, log = await set_up(stack, screen)
            await play(stage, log)
            found = await verdicts(stage)
        good = all(verdict == SEEN for verdict in found.values())
        if not (stays and good):
            screen.verdicts(found)
        if stays:
            await stay(stage, screen)
    return 0 if good else 1


async def set_up(stack: AsyncExitStack, screen: Screen) -> tuple[Stage, Transcript]:
    """Start everything in a folder of its own, until the bot has come to all rooms."""
    sample = SAMPLE.read_text(encoding="utf-8")
    course = tomllib.loads(sample)
    name = tempfile.TemporaryDirectory(prefix="kursbot-demo-", ignore_cleanup_errors=True)
    folder = Path(stack.enter_context(name))
    screen.progress("Ein Homeserver startet, nur für diesen Rechner …")
    server_name = course["raeume"]["austausch"].split(":")[1]
    server = await stack.enter_async_context(running(folder / "server", server_name=server_name))
    stage = Stage(server, course)
    await stage.populate(stack)
    screen.progress(f"{len(stage.names)} Konten sind angelegt, nun die verschlüsselten Räume …")
    await stage.furnish()
    screen.progress("Alle kommen herein, der Kurs wird eingelesen …")
    ready = clock() + timedelta(seconds=screen.clock())  # what is left takes as long again
    when = times(ready, ZoneInfo(course["kurs"]["zeitzone"]))
    bot = BotProcess(folder / "bot")
    bot.configure(server.base_url, server.user_id(BOT), stage.password)
    await asyncio.gather(stage.fill(), bot.read(written(sample, when)))
    if when.zone.key != course["kurs"]["zeitzone"]:
        screen.progress(
            f"Mitternacht oder Zeitumstellung ist nah: Es gilt die Uhr von {when.zone.key}."
        )
    log = Transcript(partial(screen.event, stage, when.zone))
    await stack.enter_async_context(watching(stage, log))
    screen.progress("Der Kursbot startet …")
    await stack.enter_async_context(bot.running())
    if not await bot_arrives(stage, log):
        raise DemoError(f"Der Bot ist nicht in die Räume gekommen.\n{bot.last_words()}")
    screen.progress("Er ist in allen Räumen. Das Gespräch beginnt.\n")
    return stage, log


@contextlib.asynccontextmanager
async def watching(stage: Stage, log: Transcript) -> AsyncIterator[None]:
    """Take down what an organiser sees in the rooms, and some participants in direct chats."""
    views = {account: [stage.rooms[account]] for account in CAST}
    views[stage.leaders[0]] = [stage.rooms[kind] for kind in TITLES]
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(log.watch(stage.people[account], rooms))
            for account, rooms in views.items()
        ]
        yield
        for task in tasks:
            task.cancel()


def abort(task: asyncio.Task[int]) -> None:
    """Cancel, once: clearing up is not to be interrupted."""
    on_signals(lambda: None)
    task.cancel()


def reason(error: BaseException) -> str:
    """What the first of grouped errors says."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error)
