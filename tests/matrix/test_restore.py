"""The machine is lost after a backup: a new one goes on, and nobody hears anything twice."""

import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.homeserver import Homeserver
from bot.participant import Event
from tests import databases
from tests.matrix.cohort import INFO, PASSWORD, TALK, Cohort, cohort, times
from tests.matrix.service import Service, eventually


async def asked(course: Cohort, text: str) -> str:
    """Ask the bot directly, and wait for its answer; who asked has said how often before."""
    person, room = course.people["tn01"], course.direct["tn01"]
    event_id = await person.say(room, text)
    answer = await person.wait_for(lambda e: course.bot == e.sender and text[1:6] in e.body, 20)
    return f"{event_id}{answer.id}"


async def said(course: Cohort) -> Counter[tuple[str, str]]:
    """How often the bot has said what where."""
    found: list[Event] = []
    for room in course.everywhere:
        found += [e for e in await course.timeline(room) if e.sender == course.bot]
    return Counter((e.room, e.body) for e in found if e.type == "m.room.message")


async def master_key(course: Cohort) -> object:
    query = {"device_keys": {course.bot: []}}
    answer = await course.people["leitung"].call("POST", "keys", "query", body=query)
    return answer["master_keys"][course.bot]["keys"], len(answer["device_keys"][course.bot])


@pytest.mark.long
async def test_a_new_machine_goes_on(homeserver: Homeserver, tmp_path: Path) -> None:
    async with cohort(homeserver, tmp_path, 1) as course:
        course.service.read(course.course(times(datetime.now(UTC), 12)))
        await course.arrive()
        person, room = course.people["tn01"], course.direct["tn01"]
        await person.wait_for(lambda e: e.room == course.rooms[TALK] and "stimm" in e.body, 30)
        await person.say(room, "!stimme 1")
        await person.wait_for(lambda e: e.room == room and e.sender == course.bot and e.body, 20)
        file = tmp_path / "sicherung"
        done = course.service.call("backup", str(file))
        assert (done.returncode, "geprüft." in done.stdout) == (0, True), done
        before = await said(course)
        await person.say(room, "!netzwerk wattkante")
        await person.say(course.rooms[TALK], "!netzwerk heidewinkel")
        for name in ("Wattkante", "Heidewinkel"):
            await person.wait_for(lambda e, n=name: e.sender == course.bot and n in e.body, 20)
        course.service.kill()
        identity, devices = await master_key(course)
        after = await said(course)
        assert len(after) == len(before) + 2

        if databases.POSTGRESQL:
            databases.drop(course.service.url)
        course.service = Service(tmp_path / "neu")
        course.service.configure(homeserver.base_url, course.bot, PASSWORD)
        began = time.monotonic()
        done = course.service.call("restore", str(file))
        assert (done.returncode, done.stderr) == (0, ""), done
        course.service.start()
        await course.service.ready()
        assert time.monotonic() - began < 60
        await person.say(room, "!netzwerk wattkante ")

        async def answered() -> bool:
            return (await said(course))[room, wattkante] == 2

        wattkante = next(body for where, body in after if where == room and "Wattkante" in body)
        await eventually(answered, 30)
        now = await said(course)
        twice = {body: count - after[where, body] for (where, body), count in now.items()}
        new = {body: count for body, count in twice.items() if count}
        assert new.pop(wattkante) == 1
        assert [text for text in new if "neuen Gerät" not in text] == []
        assert await master_key(course) == (identity, devices + 1)
        assert course.service.call("check").returncode == 0
        assert databases.query(course.service.url, "SELECT count(*) FROM ballots") == [(1,)]
        assert course.rooms[INFO] in {where for where, _ in now}
