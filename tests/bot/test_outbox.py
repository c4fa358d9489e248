"""Delivery: every message once, whatever the server answers."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, event

from bot.obstacles import Broken, Forbidden, Limited, Rejected, Unreachable
from bot.outbox import Delivery
from bot.sending import Sending
from storage import database, outbox
from storage.models import OutgoingMessage
from tests import databases

NOW = datetime(2026, 11, 25, 8, 45, tzinfo=UTC)


class Server:
    """Answers sends from a script; an exception in it is raised."""

    def __init__(self, *script: Exception | str) -> None:
        self.script = list(script)
        self.sent: list[str] = []
        self.known: dict[str, str] = {}

    async def send(self, row: OutgoingMessage) -> str:
        answer = self.script.pop(0) if self.script else f"${row.cause}"
        if isinstance(answer, Exception):
            raise answer
        self.sent.append(row.cause)
        return answer

    async def find(self, row: OutgoingMessage) -> str | None:
        return self.known.get(row.cause)


@pytest.fixture
async def sessions(tmp_path):
    async with database.opened(databases.of(tmp_path / "k.db")) as found:
        yield found


async def put(sessions, *causes, room="!a", due=NOW, **fields):
    async with sessions.begin() as db:
        for cause in causes:
            content = {"body": cause}
            row = OutgoingMessage(cause=cause, room_id=room, content=content, due=due, **fields)
            await outbox.put(db, row)


async def states(sessions) -> Sequence[tuple[str, str]]:
    async with sessions() as db:
        rows = await outbox.every(db)
    return [(row.cause, row.state) for row in rows]


def delivery(sessions, server, now=NOW):
    return Delivery(Sending(sessions, server.send, server.find, lambda: now))


async def test_one_cause_speaks_once(sessions):
    server = Server()
    await put(sessions, "a", "a")
    await delivery(sessions, server).deliver_once()
    await put(sessions, "a")
    await delivery(sessions, server).deliver_once()

    assert server.sent == ["a"]


async def test_trouble_stops_a_room_and_keeps_its_order(sessions):
    server = Server("$1", Unreachable("HTTP 502"))
    await put(sessions, "a", "b", "c")
    work = delivery(sessions, server)
    await work.deliver_once()
    assert server.sent == ["a"]

    await work.deliver_once()
    assert server.sent == ["a", "b", "c"]


async def test_the_parts_of_one_strike_go_out_in_their_order(sessions):
    server, later = Server(), NOW + timedelta(hours=1)
    await put(sessions, "wahl", room="!z-orga", expires=later)
    await put(sessions, "wahl#2", room="!a-info", expires=later)
    await put(sessions, "wahl#3", room="!a-info", expires=later)

    await delivery(sessions, server).deliver_once()

    assert server.sent == ["wahl", "wahl#2", "wahl#3"]


async def test_a_closed_room_holds_up_no_other(sessions):
    server, later = Server(Forbidden("HTTP 403")), NOW + timedelta(hours=1)
    await put(sessions, "wahl", room="!z-orga", expires=later)
    await put(sessions, "wahl#2", room="!a-info", expires=later)
    work = delivery(sessions, server)
    task = asyncio.create_task(work.run())
    async with asyncio.timeout(5):
        while server.sent != ["wahl#2"]:
            await asyncio.sleep(0.01)
    task.cancel()


async def test_one_broken_room_does_not_stop_the_others(sessions):
    await put(sessions, "a", room="!closed")
    await put(sessions, "b", room="!open")
    server = Server(Forbidden("HTTP 403"))

    await delivery(sessions, server).deliver_once()

    assert server.sent == ["b"]


async def test_a_rejected_message_is_not_tried_again(sessions):
    server = Server(Rejected("HTTP 413"))
    await put(sessions, "a", "b")

    await delivery(sessions, server).deliver_once()

    assert await states(sessions) == [("a", outbox.DEAD), ("b", outbox.SENT)]


async def test_a_message_that_breaks_the_server_is_given_up_when_others_get_through(sessions):
    server = Server(Broken("HTTP 500"), "$b", Broken("HTTP 500"))
    await put(sessions, "a")
    work = delivery(sessions, server)
    await work.deliver_once()
    await put(sessions, "b", room="!0")
    await work.deliver_once()

    assert await states(sessions) == [("a", outbox.DEAD), ("b", outbox.SENT)]


async def test_a_server_in_trouble_gives_up_nothing(sessions):
    server = Server(*[Broken("HTTP 500")] * 5)
    await put(sessions, "a")
    work = delivery(sessions, server)
    for _ in range(6):
        await work.deliver_once()

    assert server.sent == ["a"]


async def test_what_has_expired_is_not_sent(sessions):
    server = Server()
    await put(sessions, "a", expires=NOW - timedelta(seconds=1))

    await delivery(sessions, server).deliver_once()

    assert (server.sent, await states(sessions)) == ([], [("a", outbox.EXPIRED)])


async def test_a_reply_of_yesterday_is_of_no_use(sessions):
    server = Server()
    await put(sessions, "a", due=NOW - timedelta(hours=25))

    await delivery(sessions, server).deliver_once()

    assert server.sent == []


async def test_after_twelve_hours_the_room_is_searched_first(sessions):
    server = Server()
    server.known["a"] = "$old"
    await put(sessions, "a", "b", due=NOW - timedelta(hours=13))

    await delivery(sessions, server).deliver_once()

    assert server.sent == ["b"]
    async with sessions() as db:
        assert await outbox.event_of(db, "a") == "$old"


async def test_on_a_new_device_the_room_is_searched_first(sessions):
    server = Server()
    server.known["a"] = "$old"
    await put(sessions, "a")
    async with sessions.begin() as db:
        await outbox.doubt_all(db)

    await delivery(sessions, server).deliver_once()

    assert server.sent == []


async def test_running_delivers_what_comes_and_ends_when_told(sessions):
    server = Server()
    work = delivery(sessions, server)
    task = asyncio.create_task(work.run())
    await put(sessions, "a")
    work.wake()
    async with asyncio.timeout(5):
        while await states(sessions) != [("a", outbox.SENT)]:
            await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_the_transaction_id_depends_on_the_cause_alone():
    assert outbox.transaction_id("a") == outbox.transaction_id("a") != outbox.transaction_id("b")


async def ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


class Strict(Server):
    """Takes so many messages at once, and then one in each pause."""

    def __init__(self, burst: int, pause: float) -> None:
        super().__init__()
        self.left, self.pause, self.free, self.refused = burst, pause, 0.0, 0

    async def send(self, row: OutgoingMessage) -> str:
        now = asyncio.get_running_loop().time()
        if self.left:
            self.left -= 1
        elif now < self.free:
            self.refused += 1
            raise Limited("HTTP 429", self.free - now)
        self.free = now + self.pause
        return await super().send(row)


async def test_the_most_urgent_goes_first_when_the_server_is_slow(sessions):
    server = Strict(burst=2, pause=0.02)
    for number in range(12):
        expires = NOW + timedelta(minutes=30 - number) if number % 2 else None
        await put(sessions, f"{number:02}", room=f"!{number}", expires=expires)
    running = asyncio.create_task(delivery(sessions, server).run())
    async with asyncio.timeout(5):
        while len(server.sent) < 12:
            await asyncio.sleep(0.01)
    await ended(running)
    urgent = [cause for cause in server.sent[2:] if int(cause) % 2]
    assert urgent == sorted(urgent, reverse=True)
    assert server.sent[2 : 2 + len(urgent)] == urgent
    assert server.refused <= 12 + 10


async def test_a_reminder_overtakes_the_answers_of_its_own_room(sessions):
    server = Strict(burst=1, pause=0.2)
    await put(sessions, "a", "b", "c")
    work = delivery(sessions, server)
    running = asyncio.create_task(work.run())
    async with asyncio.timeout(5):
        while not server.refused:
            await asyncio.sleep(0)
        await put(sessions, "reminder", expires=NOW + timedelta(minutes=5))
        while len(server.sent) < 4:
            await asyncio.sleep(0.01)
    await ended(running)
    assert server.sent == ["a", "b", "reminder", "c"]


async def test_many_rooms_at_once_are_looked_up_a_few_times_only(sessions):
    """1,500 rooms are more than are read at once; not each looks for more when it is done."""
    server, looks = Slow(), Counter[str]()
    await put_everywhere(sessions, 1500)

    @event.listens_for(Engine, "before_cursor_execute")
    def look(_connection, _cursor, statement, *_):
        looks["outbox"] += "ORDER BY outbox.due" in statement

    running = asyncio.create_task(delivery(sessions, server).run())
    async with asyncio.timeout(20):
        while len(server.sent) < 1500:
            await asyncio.sleep(0.01)
    await ended(running)
    event.remove(Engine, "before_cursor_execute", look)
    assert Counter(server.sent) == Counter(f"gleich/{n}" for n in range(1500))
    assert looks["outbox"] <= 30


class Slow(Server):
    """Takes a hundred messages at once, each for a while."""

    def __init__(self) -> None:
        super().__init__()
        self.free = asyncio.Semaphore(100)

    async def send(self, row: OutgoingMessage) -> str:
        async with self.free:
            await asyncio.sleep(0.01)
            return await super().send(row)


async def put_everywhere(sessions, count):
    async with sessions.begin() as db:
        for n in range(count):
            content = {"body": "Gleich geht es los."}
            row = OutgoingMessage(cause=f"gleich/{n}", room_id=f"!{n}", content=content, due=NOW)
            await outbox.put(db, row)
