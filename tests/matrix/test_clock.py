"""A clock that is wrong: nothing is announced at a time that is none. On a clock that flies."""

import asyncio
from datetime import timedelta
from pathlib import Path

from tests.matrix.cohort import INFO, ORGA, TALK
from tests.matrix.test_budget import MINUTE, live, prepared


def test_nothing_is_announced_by_a_clock_that_is_wrong(tmp_path: Path) -> None:
    async def story() -> None:
        async with prepared(tmp_path / "data", opens_after=45) as life, life.bot():
            await life.ready()
            right, rooms = life.server.clock, life.course.rooms

            def said() -> list[tuple[str, str]]:
                found = [(sent.room, sent.content["body"]) for sent in life.server.sent]
                return [one for one in found if one[0] in rooms.values()]

            life.server.clock = lambda: right() - timedelta(minutes=20)
            await asyncio.sleep(2 * MINUTE)
            assert {room for room, _ in said()} == {rooms[ORGA]}
            held = "Die Uhren des Bots und des Homeservers gehen 20 Minuten auseinander. "
            assert sum(body.startswith(held) for _, body in said()) == 1
            await life.answered(life.ask("tn01"), 5)

            life.server.clock = right
            await asyncio.sleep(MINUTE)
            assert {room for room, _ in said()} == {rooms[kind] for kind in (INFO, TALK, ORGA)}
            over = "Die Uhren gehen wieder gleich: Ich sende wieder von selbst."
            assert (rooms[ORGA], over) in said()

    live(story)
