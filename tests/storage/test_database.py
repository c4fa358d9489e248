"""Transactions: whole or not at all, one after the other."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from storage import database, facts
from tests import databases


async def test_writers_wait_for_each_other(tmp_path: Path) -> None:
    async with database.opened(databases.of(tmp_path / "kursbot.db")) as sessions:

        async def count() -> None:
            async with sessions.begin() as db:
                before = int(await facts.get(db, "count") or 0)
                await asyncio.sleep(0)
                await facts.put(db, "count", str(before + 1))

        await asyncio.gather(*(count() for _ in range(50)))
        async with sessions() as db:
            assert await facts.get(db, "count") == "50"


async def test_whoever_is_cancelled_lets_the_disk_finish_first(tmp_path: Path) -> None:
    async with database.opened(databases.of(tmp_path / "kursbot.db")) as sessions:
        at_the_end = asyncio.Event()

        async def write() -> None:
            async with sessions.begin() as db:
                await facts.put(db, "first", "1")
                at_the_end.set()

        writing = asyncio.create_task(write())
        await at_the_end.wait()
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing

        with pytest.raises(LookupError):
            await _begin_and_give_up(sessions)
        async with sessions() as db:
            assert await facts.get(db, "second") is None


async def _begin_and_give_up(sessions: database.Sessions) -> None:
    async with sessions.begin() as db:
        await facts.put(db, "second", "1")
        raise LookupError


async def test_nobody_writes_to_what_is_being_closed(tmp_path: Path) -> None:
    async with database.opened(databases.of(tmp_path / "kursbot.db")) as sessions:

        async def write(number: int) -> str:
            try:
                async with sessions.begin(lasting=number % 2 == 0) as db:
                    await facts.put(db, f"{number}", "x")
            except OperationalError:
                return "refused"
            return "written"

        early = [asyncio.create_task(write(n)) for n in range(20)]
        await asyncio.sleep(0)
        closing = asyncio.create_task(sessions.close())
        late = [asyncio.create_task(write(n)) for n in range(20, 40)]
        ends = await asyncio.gather(closing, *early, *late)
        assert ends[1:21] == ["written"] * 20
        assert set(ends[21:]) == {"refused"}
