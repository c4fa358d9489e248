"""Health that means something: what is red and why, what organisers hear, what is counted."""

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import text, update

import schedules
from bot import web
from bot.counts import Counts
from bot.health import Health
from bot.matrix.state import Room, Rooms
from bot.outbox import Delivery
from bot.pulse import STALE, Pulse, Told
from bot.sending import Sending
from bot.watching import LASTING, Watch
from storage import outbox
from storage.models import Course, Notice, Occurrence, OutgoingMessage, Person, Quarantine
from storage.models import Room as CourseRoom
from tests import databases
from tests.conftest import LEADER, SERVER
from tests.matrix.fake_homeserver import event

BOT, DEPLOY = f"@kursbot:{SERVER}", Path("deploy")
KINDS = ("ankuendigungen", "austausch", "orga")
MINUTE = timedelta(minutes=1)


class Clinic:
    """A course whose bot is well, and everything that can be done to it."""

    def __init__(self, chat):
        self.chat, self.deaf = chat, False
        self.rooms = Rooms({chat.room(kind): room(chat.room(kind)) for kind in KINDS})
        self.pulse = Pulse(lambda: chat.now, lambda: self.deaf)
        known = schedules.discover()
        self.health = Health(self.pulse, chat.sessions, self.rooms, BOT, known)
        self.woken = []
        self.watch = Watch(self.health, lambda: self.woken.append(1), lasting=0.0)
        self.counts = Counts()
        chat.router.running = self.counts.command
        self.heard()
        self.pulse.strike()

    def heard(self, ahead=0.0):
        """A /sync comes through; our clock is so many seconds ahead."""
        now = asyncio.get_running_loop().time()
        self.pulse.read(Told(self.chat.now - timedelta(seconds=ahead), now, now))

    def powers(self, kind, levels):
        levels = event("power_levels", LEADER, levels)
        self.rooms.known[self.chat.room(kind)].apply(levels)

    async def orga(self):
        """What organisers hear when the bot looks, and looks again."""
        before = len(self.chat.said)
        await self.watch.look()
        await self.watch.look()
        await self.chat.deliver()
        assert {said.room for said in self.chat.said[before:]} <= {self.chat.room("orga")}
        return [said.body for said in self.chat.said[before:]]

    async def change(self, table, **values):
        async with self.chat.sessions.begin() as db:
            await db.execute(update(table).values(**values))

    async def planned(self, **values):
        """A post of the clock, due by now."""
        course, hour = self.chat.course, timedelta(hours=1)
        values = {"due": self.chat.now, "expires": self.chat.now + hour} | values
        fixed = {"cause": "vortag/w4", "schedule": "vortag", "subject": "w4", "push": True}
        async with self.chat.sessions.begin() as db:
            room, anchor = "ankuendigungen", self.chat.now
            db.add(Occurrence(course_id=course.id, room=room, anchor=anchor, **fixed, **values))

    async def red(self):
        return [(one.kind, one.text) for one in await self.health.everything()]


def room(room_id):
    found = Room(room_id)
    found.apply(event("create", f"@{LEADER}:{SERVER}", {"room_version": "12"}))
    found.apply(event("member", BOT, {"membership": "join"}, BOT))
    return found


@pytest.fixture
async def clinic(chat):
    """Its course consists of three rooms; all else would only take time."""
    day = chat.now.date()
    names = {"key": "nk-2026-2", "title": "K", "short_title": "K", "timezone": "Europe/Berlin"}
    chat.course = Course(**names, begins=day, ends=day, imported_at=chat.now)
    async with chat.sessions.begin() as db:
        db.add(chat.course)
        await db.flush()
        for kind in KINDS:
            place = {"kind": kind, "address": f"#{kind}:x", "room_id": chat.room(kind)}
            db.add(CourseRoom(course_id=chat.course.id, **place))
        fixed = {"course_id": chat.course.id, "key": "tn02", "display": "tn02"}
        db.add(Person(**fixed, mxid=f"@tn02:{SERVER}"))
    return Clinic(chat)


@pytest.fixture
async def client(clinic):
    pages = web.calendar(clinic.chat.sessions, lambda: clinic.chat.now)
    pages = web.watched(pages, clinic.health, clinic.counts)
    async with TestClient(TestServer(pages)) as client:
        yield client


async def test_who_is_well_is_green(client):
    answer = await client.get("/healthz")
    found = {"ok": True, "reasons": [], "warnings": []}
    assert (answer.status, await answer.json()) == (200, found)


async def test_all_that_is_wrong_is_a_reason(client, clinic):
    chat, now = clinic.chat, asyncio.get_running_loop().time()
    clinic.deaf = True
    clinic.pulse._read, clinic.pulse._struck = now - 11, now - STALE - 1
    clinic.pulse._told = Told(chat.now + 11 * MINUTE, now, now)
    clinic.powers("austausch", {"events_default": 50})
    del clinic.rooms.known[chat.room("orga")]
    await clinic.planned(due=chat.now + 5 * MINUTE)
    answer = await client.get("/healthz")
    found = await answer.json()
    assert (answer.status, found["ok"]) == (503, False)
    assert [one["text"] for one in found["reasons"]] == [
        "Homeserver nicht gelesen, seit 11 s",
        "Zeitpläne stehen still, seit 301 s",
        "Uhr 660 s hinter der des Homeservers, Beiträge warten",
        "Überfällig: „Hinweis am Vortag“ (Di 24.11., 15:05 Uhr)",
        "Raum Austausch (nk-2026-2): darf nicht schreiben",
        "Raum Orga (nk-2026-2): nicht dabei",
    ]
    assert found["warnings"] == ["Uhr 660 s hinter der des Homeservers"]


async def test_before_the_first_sync_only_that_is_told(clinic):
    clinic.pulse._read, clinic.rooms.known = None, {}
    assert await clinic.red() == [("sync", "Homeserver nicht gelesen")]


async def test_a_database_that_another_process_keeps_is_red(client, clinic, tmp_path):
    with databases.kept(tmp_path / "kursbot.db"):
        clinic.health.writing = 0.1
        assert await clinic.red() == [("database", "Datenbank nicht beschreibbar: TimeoutError")]
    assert (await client.get("/healthz")).status == 503, "the verdict counts for some seconds"
    clinic.health.fresh = 0.0
    assert (await client.get("/healthz")).status == 200


async def test_a_post_that_nobody_could_deliver_is_red_until_it_is_of_no_use(clinic):
    message = OutgoingMessage(
        cause="x", room_id="!x", content={}, due=clinic.chat.now, expires=clinic.chat.now + MINUTE
    )
    async with clinic.chat.sessions.begin() as db:
        await outbox.put(db, message)
    assert await clinic.red() == []
    clinic.chat.now += 6 * MINUTE
    clinic.heard()
    assert await clinic.red() == [("post", "Nicht zugestellt: 1")]


async def test_what_was_stopped_is_not_overdue(clinic):
    await clinic.planned(due=clinic.chat.now - 6 * MINUTE)
    assert [kind for kind, _ in await clinic.red()] == ["post"]
    await clinic.change(Course, stopped=True)
    assert await clinic.red() == []


async def test_a_room_that_is_only_needed_later_is_no_trouble(clinic):
    await clinic.change(CourseRoom, room_id=None)
    assert len(await clinic.red()) == 3
    await clinic.change(Course, begins=clinic.chat.now.date() + timedelta(days=1))
    assert await clinic.red() == []


# ------------------------------------------------------------------ what organisers hear


MUTE = (
    "Im Raum Austausch darf ich nicht schreiben. Das Recht dazu gibt es in den Raumeinstellungen, "
    "unter Berechtigungen. Bis dahin warten meine Beiträge."
)


async def test_organisers_hear_once_of_a_missing_right_and_when_it_is_there(clinic):
    clinic.powers("austausch", {"events_default": 50})
    assert await clinic.orga() == [MUTE]
    clinic.watch = Watch(clinic.health, clinic.watch.wake, lasting=0.0)  # after a restart
    assert await clinic.orga() == []
    clinic.powers("austausch", {})
    assert await clinic.orga() == ["Im Raum Austausch darf ich wieder schreiben."]
    clinic.powers("austausch", {"users": {BOT: -1}})
    clinic.chat.now += MINUTE
    assert await clinic.orga() == [MUTE]


async def test_who_cannot_pin_the_programme_is_told_where_it_hangs(clinic):
    clinic.powers("ankuendigungen", {})
    assert await clinic.red() == []
    async with clinic.chat.sessions.begin() as db:
        db.add(Notice(course_id=clinic.chat.course.id))
    assert await clinic.red() == [("room", "Raum Ankündigungen (nk-2026-2): darf nicht anheften")]
    (said,) = await clinic.orga()
    assert said.startswith("Im Raum Ankündigungen darf ich nichts mehr anheften:")


async def test_an_overdue_post_is_told_while_somebody_can_still_say_it(clinic):
    await clinic.planned(due=clinic.chat.now - 6 * MINUTE)
    told = "Überfällig: „Hinweis am Vortag“ (Di 24.11., 14:54 Uhr). Ich versuche es weiter; "
    assert await clinic.orga() == [told + "wenn es eilt, bitte selbst ansagen."]
    await clinic.change(Occurrence, expires=clinic.chat.now)
    assert await clinic.orga() == []
    assert await clinic.red() == [("post", told.removesuffix(". Ich versuche es weiter; "))]


async def test_what_is_soon_over_is_told_to_nobody(clinic):
    clinic.watch.lasting = LASTING
    clinic.powers("austausch", {"events_default": 50})
    assert await clinic.orga() == []
    (key,) = clinic.watch._since
    clinic.watch._since[key] -= LASTING
    assert await clinic.orga() == [MUTE]


async def test_nobody_hears_of_a_course_that_is_over(clinic):
    clinic.powers("austausch", {"events_default": 50})
    assert await clinic.orga() == [MUTE]
    await clinic.change(Course, ends=clinic.chat.now.date() - timedelta(days=1))
    assert await clinic.orga() == []
    assert await clinic.red() == []


# ------------------------------------------------------------------ the clock


HELD = (
    "Die Uhren des Bots und des Homeservers gehen 11 Minuten auseinander. Solange das so ist, "
    "sende ich nichts von selbst; Antworten gibt es weiter. Bitte der Technik Bescheid geben."
)


async def test_a_wrong_clock_holds_announcements_and_nothing_else(clinic):
    chat = clinic.chat
    await clinic.planned(due=chat.now + MINUTE)
    chat.now += 11 * MINUTE  # somebody sets the clock; the event loop knows better
    assert clinic.pulse.strike() is None
    assert await clinic.orga() == [HELD]
    assert await chat.says("!danke") != ""
    post = OutgoingMessage(
        cause="a",
        room_id=chat.room("orga"),
        content={"body": "Ein Beitrag"},
        due=chat.now,
        expires=chat.now + MINUTE,
    )
    async with chat.sessions.begin() as db:
        await outbox.put(db, post)
    delivery = Delivery(Sending(chat.sessions, None, None, lambda: chat.now), clinic.pulse.trusted)
    await delivery.deliver_once()
    clinic.woken.clear()
    chat.now -= 11 * MINUTE
    assert clinic.pulse.strike() == chat.now
    over = "Die Uhren gehen wieder gleich: Ich sende wieder von selbst."
    assert await clinic.orga() == ["Ein Beitrag", over]
    assert len(clinic.woken) > 1, "what was held is looked for"


@pytest.mark.parametrize(("ahead", "warned"), [(59, False), (61, True), (-61, True), (599, True)])
async def test_a_clock_that_is_a_little_wrong_is_only_warned_of(clinic, ahead, warned, caplog):
    clinic.heard(ahead)
    assert (bool(clinic.health.warnings()), await clinic.red()) == (warned, [])
    assert await clinic.orga() == []
    assert len([r for r in caplog.records if "der des Homeservers" in r.getMessage()]) == warned


def test_a_server_that_tells_the_time_it_was_asked_is_not_late():
    clock = datetime(2026, 11, 24, tzinfo=UTC)

    async def story():
        pulse = Pulse(lambda: clock)
        now = asyncio.get_running_loop().time()
        found = []
        for date in (-31, -30, -15, 0, 2):
            pulse.read(Told(clock + timedelta(seconds=date), now - 30, now))
            found.append(round(pulse.drift()))
        return found

    assert asyncio.run(story()) == [1, 0, 0, 0, -2]


# ------------------------------------------------------------------ what is counted


async def numbers(client):
    answer = await client.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    return await answer.text()


async def test_everything_is_counted_and_names_nobody(client, clinic):
    chat = clinic.chat
    for body in ("!danke", "!danke", "!netzwerk qxz", "!absagen w4", "!stimme"):
        chat.now += MINUTE
        await chat.says(body, by="tn02", place="austausch")
    clinic.counts.answered(
        OutgoingMessage(cause="$a", room_id="", content={}, due=chat.now), chat.now + MINUTE
    )
    async with chat.sessions.begin() as db:
        names = {"room_id": "!r", "type": "t", "sender": "@tn05:x", "error": "E", "at": chat.now}
        db.add(Quarantine(event_id="$q", **names))
    said = await numbers(client)
    found = dict(re.findall(r"^(kursbot_\S+) (\S+)$", said, re.M))
    assert found['kursbot_commands_total{command="danke",outcome="done"}'] == "2.0"
    assert found["kursbot_quarantined_events"] == "1.0"
    assert found["kursbot_answer_seconds_count"] == "1.0"
    assert found["kursbot_answer_seconds_sum"] == "60.0"
    assert found['kursbot_posts{state="due"}'] == "0.0"
    assert found['kursbot_troubles{kind="sync"}'] == "0.0"
    assert not re.search("tn02|tn05|[@!$]|chat.example", re.sub("^#.*", "", said, flags=re.M))


async def test_a_database_that_cannot_be_read_takes_only_its_own_numbers(client, clinic):
    async with clinic.chat.sessions.begin() as db:
        await db.execute(text("DROP TABLE quarantine"))
    found = await numbers(client)
    assert "kursbot_sync_age_seconds" in found
    assert "kursbot_posts" not in found


async def test_the_board_and_the_alerts_ask_for_nothing_else(client, clinic):
    await clinic.chat.says("!danke")
    known = set(re.findall(r"^(\w+)", re.sub("^#.*", "", await numbers(client), flags=re.M), re.M))
    board = json.loads((DEPLOY / "grafana.json").read_text("utf-8"))
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    (rules,) = yaml.safe_load((DEPLOY / "alerts.yml").read_text("utf-8"))["groups"]
    asked += [rule["expr"] for rule in rules["rules"]]
    named = set(re.findall(r"\b(?:kursbot|process)_\w+", " ".join(asked)))
    assert named <= known
    assert {n for n in known if n.startswith("kursbot") and "created" not in n} - named <= {
        "kursbot_answer_seconds_count",
        "kursbot_answer_seconds_sum",
    }
