"""Two processes for one account: the second takes over when the first is killed, at any moment."""

import asyncio
import contextlib
import secrets
import shutil
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from bot.homeserver import Homeserver
from bot.participant import Event
from tests.matrix.checker import Seen
from tests.matrix.cohort import PASSWORD, Cohort, cohort
from tests.matrix.load import Load
from tests.matrix.service import Service
from tests.matrix.test_kill import SETTINGS, prepared, settled

LONGEST = 10.0
"""Seconds from the kill until somebody has an answer."""

STANDS_BY = "this one stands by"


@dataclass
class Pair:
    """Who works and who stands by; of a cohort, `service` is always the one that works."""

    course: Cohort
    second: Service

    async def begin(self) -> None:
        """Both at work, each on a device of its own; the first one shows the recovery key."""
        await self.course.arrive()
        key = self.course.service.call("recovery-key").stdout
        config = self.second.folder / "config.toml"
        line = next(line for line in key.splitlines() if len(line.replace(" ", "")) == 48)
        config.write_text(config.read_text().replace('"RECOVERY"', f'"{line.strip()}"'))
        self.second.start()
        await self.second.ready(said=STANDS_BY)

    async def killed(self) -> float:
        """Kill who works, bring it back as a standby; the seconds until an answer came."""
        asker, room = self.course.people["tn01"], self.course.direct["tn01"]
        self.course.service.kill()
        begun = time.monotonic()
        word = f"qxz{secrets.randbelow(10**9)}"
        await asker.say(room, f"!suche {word}")

        def answers(event: Event) -> bool:
            return event.sender == self.course.bot and f"„{word}“" in event.body

        await asker.wait_for(answers, 30)
        seconds = time.monotonic() - begun
        self.course.service, self.second = self.second, self.course.service
        self.second.start()
        await self.second.ready(said=STANDS_BY)
        return seconds


@contextlib.asynccontextmanager
async def pair(homeserver: Homeserver, folder: Path, postgres: str) -> AsyncIterator[Pair]:
    database = {"url": postgres}
    async with cohort(
        homeserver, folder, 3, encrypted=True, database=database, **SETTINGS
    ) as course:
        second = Service(folder / "second")
        matrix = {"homeserver": homeserver.base_url, "user_id": course.bot, "password": PASSWORD}
        matrix["recovery_key"] = "RECOVERY"
        second.configure("", "", "", matrix=matrix, database=database, **SETTINGS)
        both = Pair(course, second)
        try:
            yield both
        finally:
            both.second.kill()  # not the one that began as the second


async def survives(homeserver: Homeserver, folder: Path, postgres: str, rounds: int) -> None:
    seed = secrets.randbelow(1_000_000)
    print(f"seed {seed}, {rounds} takeovers")
    async with pair(homeserver, folder, postgres) as both:
        due: Seen = await prepared(both.course, rounds * 6)
        await both.begin()
        dice, load, enough = Random(seed), Load(both.course, Random(seed + 1)), asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(load.until(enough))
            await load.open_poll()
            spent = []
            for _ in range(rounds):
                await asyncio.sleep(dice.uniform(0, 2))
                spent.append(await both.killed())
            enough.set()
        print(f"answered after {max(spent):.1f} s at most")
        assert max(spent) < LONGEST
        await settled(both.course, due, load, 60 + rounds)


@pytest.mark.soak
async def test_the_second_takes_over_and_the_first_stands_by(
    homeserver: Homeserver, tmp_path: Path, postgres: str
) -> None:
    await survives(homeserver, tmp_path, postgres, 1)


@pytest.mark.soak
async def test_a_second_one_with_the_same_device_gives_way(
    homeserver: Homeserver, tmp_path: Path, postgres: str
) -> None:
    async with cohort(homeserver, tmp_path, 0, database={"url": postgres}) as course:
        course.service.start()
        await course.service.ready()
        copy = tmp_path / "copy"
        shutil.copytree(course.service.folder, copy)
        config = (copy / "config.toml").read_text()
        config = config.replace(str(course.service.folder), str(copy))
        (copy / "config.toml").write_text(config)
        second = Service(copy).call("run")
        assert (second.returncode, second.stdout) == (3, "")
        assert " arbeitet schon ein Kursbot." in second.stderr
        assert await course.service.stop() == 0


@pytest.mark.soak
async def test_a_hundred_takeovers(homeserver: Homeserver, tmp_path: Path, postgres: str) -> None:
    await survives(homeserver, tmp_path, postgres, 100)
