"""What a dead server costs, and how soon the bot works again: measured in hours that fly by.

The whole bot on a clock that skips all waiting; only the homeserver is made up.
"""

import asyncio
import contextlib
import itertools
import random
import re
import secrets
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web

import schedules
from bot import app, config
from bot.matrix.access import Access, Credentials
from bot.matrix.client import POLL_GRACE, POLL_SECONDS, SECONDS, Client
from bot.matrix.line import PROBE_SECONDS
from bot.matrix.login import log_in
from bot.obstacles import PARKED, Unreachable
from storage import courses, database, occurrences
from storage.course_files import course_file, imports
from tests.matrix.cohort import INFO, ORGA, TALK, Cohort, times
from tests.matrix.fake_homeserver import FakeHomeserver, serving
from tests.matrix.proxy import (
    Fault,
    Proxy,
    Upstream,
    delay,
    drip,
    drop,
    reset,
    running,
    status,
    tear,
)
from tests.matrix.service import Service, eventually
from tests.matrix.virtual import VirtualLoop, clock

HOUR, MINUTE = 3600.0, 60.0
MOST = 120
NAMES = ("leitung", *(f"tn{number:02}" for number in range(1, 16)))
LETTER = {"to_device": {"events": [{"type": "m.dummy", "sender": "@a:b", "content": {}}]}}
VITAL = "^(?!GET .*/sync|POST .*/(login|keys/upload))"
RULES = {name.replace("_", "-") for name in schedules.discover()} | {"material"}


async def round_trip(request: web.BaseRequest, upstream: Upstream) -> web.StreamResponse:
    """A fault: the address of the answer is where one has just been."""
    return web.Response(status=302, headers={"Location": request.raw_path})


FAULTS: dict[str, Fault] = {
    "502 with HTML": status(502, "<html>Bad Gateway</html>"),
    "500 with JSON": status(500, '{"errcode": "M_UNKNOWN", "error": "no"}', "application/json"),
    "503 for an hour": status(503, "", Retry_After="3600"),
    "404 of a stand-in": status(404, "<html>Not Found</html>"),
    "200 with nothing": status(200, "{}", "application/json"),
    "200 with a list": status(200, "[]", "application/json"),
    "200 with HTML": status(200, "<html>Wartung</html>"),
    "in circles": round_trip,
    "reset": reset,
    "answers lost": drop,
    "torn": tear(random.Random(1).randrange),
    "hanging": delay(),
    "dripping": drip(1, 1.0),
}


@dataclass
class Life:
    """A bot in its course, with a direct chat for everybody; nobody has asked anything yet."""

    server: FakeHomeserver
    proxy: Proxy
    folder: Path
    course: Cohort
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @contextlib.asynccontextmanager
    async def bot(self) -> AsyncIterator[None]:
        """Let it live; it must not end by itself."""
        matrix = config.Matrix(self.proxy.base_url, self.server.bot, password="geheim")
        parts = (config.Database(), config.Log(), config.Limits(), config.Sync(), config.Web())
        settings = config.Config(matrix, config.Data(self.folder), *parts)
        living = asyncio.create_task(app.run(settings, clock(datetime.now(UTC))))
        try:
            yield
            assert not living.done(), living.exception()
        finally:
            living.cancel()
            await asyncio.wait([living])

    async def ready(self, seconds: float = MINUTE) -> float:
        """Wait until it reads; the seconds that it took."""
        began = time()

        async def reading() -> bool:
            return any("timeout=30000" in line for _, line in self.server.requests)

        await eventually(reading, seconds)
        return time() - began

    def ask(self, *names: str) -> set[str]:
        """Everybody asks something at once, or some do; the ids of the questions."""
        ids = {f"!{name}:fake": f"$q{next(self.numbers)}" for name in names or NAMES}
        join = {room: {"timeline": {"events": [question(room, i)]}} for room, i in ids.items()}
        self.server.feed({"rooms": {"join": join}})
        return {*ids.values()}

    async def answered(self, ids: set[str], seconds: float) -> float:
        """Wait until all are; the seconds that it took."""
        began = time()

        async def done() -> bool:
            return ids <= {sent.cause for sent in self.server.sent}

        await eventually(done, seconds)
        return time() - began

    async def pause(self, path: str, fault: Fault, name: str) -> float:
        """The seconds between a request that suffers the fault and the next one like it.

        Somebody asks for it; who did so again and again would be taken for a bot.
        """
        before = self.proxy.count(path)
        self.proxy.when(path, fault, times=1)
        self.ask(name)

        async def repeated() -> bool:
            return self.proxy.count(path) >= before + 2

        await eventually(repeated, 400, 1)
        first, second = [at for at, line in self.proxy.seen if re.search(path, line)][before:][:2]
        return second - first

    async def dies(self, fault: Fault) -> None:
        """The server dies while it is being read and everybody waits for an answer."""
        self.proxy.when("^(PUT|POST) ", fault)
        self.ask()
        await eventually(self._noticed, MINUTE)
        self.proxy.when("", fault)

    async def _noticed(self) -> bool:
        return self.proxy.count("^PUT .*/send/") > 0


def question(room: str, event_id: str) -> dict:
    sender = f"@{room[1:].partition(':')[0]}-x:fake"
    return {
        "type": "m.room.message",
        "event_id": event_id,
        "sender": sender,
        "content": {"msgtype": "m.text", "body": "!hilfe"},
    }


def time() -> float:
    return asyncio.get_running_loop().time()


@contextlib.asynccontextmanager
async def prepared(folder: Path, opens_after: float = 20_000) -> AsyncIterator[Life]:
    """A course that has something to say after so many seconds."""
    async with serving("kursbot-x") as server, running(server.base_url) as proxy:
        rooms = {kind: f"!{kind}:fake" for kind in (INFO, TALK, ORGA)}
        people = dict.fromkeys(NAMES)
        course = Cohort(server, Service(folder), key="x", people=people, rooms=rooms)
        for room in rooms.values():
            server.room(room, [course.user_id(name) for name in NAMES])
        for name in NAMES:
            server.room(f"!{name}:fake", [course.user_id(name)])
        now = datetime.now(UTC)
        file = course_file.read(course.course(times(now, opens_after)).encode(), RULES)
        folder.mkdir(mode=0o700)
        url = f"sqlite:///{folder}/kursbot.db"
        async with database.opened(url) as sessions, sessions.begin() as db:
            await imports.apply(db, file, now)
            found = await courses.by_key(db, file.kurs.id)
            assert found
            await occurrences.plan(db, found, now)
        yield Life(server, proxy, folder, course)


def live(story: Callable[[], Awaitable[None]]) -> None:
    """Let it happen on a clock that skips the waiting."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(story())


def soaked(quick: str) -> list:
    """One fault for every run of the tests, the others for the long ones."""
    marks = {name: () if name == quick else pytest.mark.soak for name in FAULTS}
    return [pytest.param(FAULTS[name], id=name, marks=mark) for name, mark in marks.items()]


@pytest.mark.long
@pytest.mark.parametrize("fault", soaked("502 with HTML"))
def test_a_server_that_dies_costs_little_in_an_hour(tmp_path: Path, fault: Fault) -> None:
    async def story() -> None:
        async with prepared(tmp_path / "data", opens_after=1_800) as life, life.bot():
            await life.ready()
            before = len(life.proxy.seen)
            await life.dies(fault)
            await asyncio.sleep(HOUR)
            spent = len(life.proxy.seen) - before
            life.proxy.heal()
            seconds = await life.answered({f"$q{n}" for n in range(1, 17)} | life.ask(), MINUTE)
            print(f"{spent} requests, works again after {seconds:.0f} s")
            assert spent <= MOST

    live(story)


@pytest.mark.soak
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_server_that_is_not_there_yet_costs_little(tmp_path: Path, fault: Fault) -> None:
    async def story() -> None:
        async with prepared(tmp_path / "data") as life:
            life.proxy.when("", fault)
            async with life.bot():
                await asyncio.sleep(HOUR)
                spent = len(life.proxy.seen)
                life.proxy.heal()
                seconds = await life.ready()
                print(f"{spent} requests, works after {seconds:.0f} s")
                assert spent <= MOST

    live(story)


@pytest.mark.long
def test_after_every_fault_it_works_within_a_minute(tmp_path: Path) -> None:
    seed = secrets.randbelow(1_000_000)
    print(f"seed {seed}")
    dice = random.Random(seed)

    async def story() -> None:
        async with prepared(tmp_path / "data") as life, life.bot():
            await life.ready()
            for name in dice.sample([*FAULTS, "refused"], len(FAULTS) + 1):
                await asyncio.sleep(dice.uniform(0, 40))
                if name == "refused":
                    await life.proxy.refuse()
                else:
                    life.proxy.when("", FAULTS[name])
                asked = life.ask() if dice.random() < 0.5 else set()
                await asyncio.sleep(dice.uniform(1, 200))
                if name == "refused":
                    await life.proxy.accept()
                life.proxy.heal()
                seconds = await life.answered(asked | life.ask(), MINUTE)
                print(f"{name}: works again after {seconds:.0f} s")

    live(story)


@pytest.mark.parametrize("hanging", ["/login", "/keys/", "/sync"])
def test_nothing_is_waited_for_for_ever_at_the_start(tmp_path: Path, hanging: str) -> None:
    async def story() -> None:
        async with prepared(tmp_path / "data") as life:
            life.proxy.when(hanging, delay(), times=2)
            async with life.bot():
                assert await life.ready(3 * MINUTE) < 2 * 30 + 10

    live(story)


@pytest.mark.soak
def test_what_is_due_is_said_although_nothing_can_be_heard(tmp_path: Path) -> None:
    async def story() -> None:
        async with prepared(tmp_path / "data", opens_after=1_800) as life, life.bot():
            await life.ready()
            life.proxy.when("/sync", status(502, "<html>"))
            await asyncio.sleep(1_800 + PROBE_SECONDS + 30)
            assert sorted({sent.room for sent in life.server.sent}) == [
                life.course.rooms[kind] for kind in (INFO, TALK, ORGA)
            ]
            orga = life.course.rooms[ORGA]
            told = [sent.content["body"] for sent in life.server.sent if sent.room == orga]
            assert [body.partition(" Prüfung:")[0] for body in told] == ["Ich bin da."], told

    live(story)


@pytest.mark.soak
def test_rooms_that_cannot_be_written_to_share_their_attempts(tmp_path: Path) -> None:
    async def story() -> None:
        async with prepared(tmp_path / "data") as life, life.bot():
            await life.ready()
            life.proxy.when("/send/", status(502, "<html>"))
            before, asked = life.proxy.count("/send/"), life.ask()
            await asyncio.sleep(HOUR)
            assert life.proxy.count("/send/") - before <= MOST
            life.proxy.heal()
            await life.answered(asked, MINUTE)

    live(story)


def test_no_refusal_of_anything_ends_it(tmp_path: Path) -> None:
    """Who may not sign in or keep keys there has no business on a server; all else is borne."""

    async def story() -> None:
        async with prepared(tmp_path / "data") as life, life.bot():
            await life.ready()
            for code in (301, 400, 401, 403, 404, 405, 408, 410, 413, 429, 500, 501, 504):
                code_known = () if code == 401 else ('{"errcode": "M_UNKNOWN"}',)
                for body in ("<html>", '{"errcode": [], "flows": [], "session": 7}', *code_known):
                    life.proxy.when(VITAL, status(code, body, "application/json"))
                    life.ask("tn01", "tn02")
                    life.server.feed({"device_one_time_keys_count": {}} | LETTER)
                    await asyncio.sleep(10)
            life.proxy.heal()
            await life.answered(life.ask("tn03"), PARKED + MINUTE)

    live(story)


def test_a_far_server_that_hangs_holds_up_nobody(tmp_path: Path) -> None:
    async def story() -> None:
        async with prepared(tmp_path / "data") as life, life.bot():
            await life.ready()
            life.proxy.when("/join/", delay())
            content = {"membership": "invite", "is_direct": True}
            asked = {"type": "m.room.member", "state_key": life.server.bot, "content": content}
            invitation = {
                "invite_state": {"events": [asked | {"sender": life.course.user_id("tn01")}]}
            }
            life.server.feed({"rooms": {"invite": {"!b:b": invitation}}})
            for name in NAMES:
                await asyncio.sleep(20)
                assert await life.answered(life.ask(name), MINUTE) < 1
            assert 2 < life.proxy.count("/join/") < 10

    live(story)


HINTS = {
    '{"retry_after_ms": 0}': 0.5,
    '{"retry_after_ms": -1}': 0.5,
    '{"retry_after_ms": 20000}': 20,
    '{"retry_after_ms": 1000000000000000}': 300,
    '{"retry_after_ms": "soon"}': 5,
    '{"retry_after_ms": null}': 5,
    "{}": 5,
    "<html>": 5,
}


@pytest.mark.parametrize("path", ["/sync", "/send/"])
def test_hints_are_kept_within_reason(tmp_path: Path, path: str) -> None:
    async def story() -> None:
        async with prepared(tmp_path / "data") as life, life.bot():
            await life.ready()
            for name, (hint, least) in zip(NAMES, HINTS.items(), strict=False):
                seconds = await life.pause(path, status(429, hint), name)
                assert least <= seconds < least + 3, hint

    live(story)


@pytest.mark.parametrize(
    ("header", "least"), [("30", 30), ("9" * 5000, 5), ("morgen", 5), ("-1", 5)]
)
def test_a_hint_may_stand_in_the_head(tmp_path: Path, header: str, least: float) -> None:
    async def story() -> None:
        async with prepared(tmp_path / "data") as life, life.bot():
            await life.ready()
            fault = status(429, "{}", Retry_After=header)
            seconds = await life.pause("/send/", fault, "tn01")
            assert least <= seconds < least + 3

    live(story)


@pytest.mark.parametrize("slow", [delay(), drip(1, 5.0)], ids=["hanging", "dripping"])
def test_no_request_takes_more_than_its_time(slow: Fault) -> None:
    matrix = config.Matrix("", "@kursbot:fake", password="geheim")

    async def story() -> None:
        async with serving() as server, running(server.base_url) as proxy:
            proxy.when("", slow)
            account = replace(matrix, homeserver=proxy.base_url)
            access = Access(Credentials("token", "DEVICE"), lambda _: None)
            async with contextlib.AsyncExitStack() as stack:
                client = Client(proxy.base_url, server.bot, access)
                stack.push_async_callback(client.close)
                for request, most in (
                    (client.call("GET", "account", "whoami"), SECONDS),
                    (client.upload(bytes(2**20), "text/plain", "a.txt"), SECONDS),
                    (log_in(account, ""), SECONDS),
                    (client.sync(None, "{}", first=True), SECONDS),
                    (client.sync("s1", "{}", first=False), POLL_SECONDS + POLL_GRACE),
                ):
                    began = time()
                    with pytest.raises(Unreachable, match="TimeoutError"):
                        await request
                    assert most <= time() - began < most + 1

    live(story)


@pytest.mark.soak
def test_a_database_that_is_locked_for_minutes_ends_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        async with prepared(tmp_path / "data") as life, life.bot():
            await life.ready()
            with contextlib.closing(sqlite3.connect(life.folder / "kursbot.db")) as other:
                other.execute("begin immediate")
                asked = life.ask()
                await asyncio.sleep(2 * MINUTE)
            await life.answered(asked | life.ask(), 2 * MINUTE)

    live(story)
