"""The bot looks after its rooms: their topics, who comes into them, and whether it can work."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from bot.homeserver import Homeserver
from bot.matrix.care import Caretaker
from bot.matrix.direct_chats import DirectChats
from bot.matrix.line import Line
from bot.matrix.state import Room as State
from bot.matrix.state import Rooms
from bot.obstacles import Forbidden
from bot.welcoming import WELCOME
from storage import changes, facts
from storage.models import Course, Meeting, Notice, Person, Room
from storage.setup_check import SIGNED
from tests.conftest import SERVER, Chat
from tests.matrix.cohort import INFO, ORGA, TALK, cohort, times
from tests.matrix.service import eventually

BOT = f"@kursbot:{SERVER}"
LEVELS, TOPIC = "m.room.power_levels", "m.room.topic"
READ = WELCOME.replace("**", "")
COMING = "Nächster Termin: Mi 25.11., 10:00 Uhr, Öffentlichkeitsarbeit"


@dataclass
class Wall:
    """Where the bot writes topics; it may refuse."""

    user_id: str = BOT
    device_id: str = "DEVICE"
    line: Line = field(default_factory=Line)
    written: list[tuple[str, str]] = field(default_factory=list)
    open: bool = True

    async def call(self, method: str, *path: str, body: dict[str, Any]) -> dict[str, Any]:
        if not self.open:
            raise Forbidden("HTTP 403")
        if method == "PUT":
            self.written.append((path[1], body["topic"]))
        return {}


@dataclass
class House:
    """A course whose rooms the bot looks after."""

    chat: Chat
    wall: Wall
    rooms: Rooms
    care: Caretaker

    def room(self, place: str, *people: str, **more: Any) -> State:
        members = dict.fromkeys([BOT, *(f"@{name}:{SERVER}" for name in people)], "join")
        room_id = self.chat.room(place)
        found = State(room_id, members, create={}, creator=BOT, **more)
        self.rooms.known[room_id] = found
        return found

    def alone_with(self, name: str) -> str:
        person = f"@{name}:{SERVER}"
        self.rooms.known["!zu-zweit"] = State("!zu-zweit", {BOT: "join", person: "join"})
        return "!zu-zweit"

    async def look(self, now: str = "") -> list[tuple[str, str]]:
        """What the bot says after a look at its rooms: where, and what."""
        if now:
            self.chat.at(now)
        before = len(self.chat.said)
        await self.care.tend()
        await self.chat.deliver()
        return [(said.room, said.body) for said in self.chat.said[before:]]


@pytest.fixture
async def house(chat: Chat) -> House:
    """In its rooms since before anybody else came; nothing is to be said about that any more."""
    await chat.loads()
    wall, rooms = Wall(), Rooms()
    chats = DirectChats(wall, chat.sessions, rooms, lambda: chat.now)
    care = Caretaker(wall, chat.sessions, rooms, chats, lambda: chat.now, lambda: None)
    found = House(chat, wall, rooms, care)
    async with chat.sessions.begin() as db:
        await db.execute(update(Room).values(membership="join", seen={"told": True}))
    found.room(TALK)
    assert await found.look() == []
    return found


async def test_the_topic_names_the_next_date_behind_what_people_wrote(house):
    room = house.rooms.known[house.chat.room(TALK)]
    assert house.wall.written == [(room.room_id, COMING)]
    room.topic = "Hier reden alle · Nächster Termin: irgendwann"
    await house.look()
    assert house.wall.written[1:] == [(room.room_id, f"Hier reden alle · {COMING}")]
    assert await house.look() == []
    async with house.chat.sessions.begin() as db:
        webinar = await db.scalar(select(Meeting).where(Meeting.key == "w3"))
        moved = {"day": datetime(2026, 11, 26).date(), "topic": "**Neu**: @room"}
        await changes.make(db, house.chat.course, [(webinar, moved)], house.chat.now)
    await house.look()
    await house.look("2026-11-27 09:00")
    await house.look("2027-02-09 12:30")
    assert [topic.removeprefix("Hier reden alle · ") for _, topic in house.wall.written[2:]] == [
        "Nächster Termin: Do 26.11., 10:00 Uhr, *Neu*",
        "Nächster Termin: Mi 02.12., 10:00 Uhr, Tools für die tägliche Arbeit",
        "Hier reden alle",
    ]


async def test_it_is_written_only_where_the_bot_may_and_a_refusal_is_left_alone(house):
    levels = {"users": {BOT: 10}}
    house.room(INFO, levels=levels)
    await house.look()
    assert [room for room, _ in house.wall.written] == [house.chat.room(TALK)]
    house.wall.open = False
    levels["users"][BOT] = 50
    await house.look()
    house.wall.open = True
    await house.look()
    assert len(house.wall.written) == 1
    house.chat.now += timedelta(minutes=11)
    await house.look()
    assert [room for room, _ in house.wall.written] == [
        house.chat.room(TALK),
        house.chat.room(INFO),
    ]


async def test_who_comes_is_welcomed_once_in_their_life(house):
    room = house.room(TALK, "tn02", "leitung-ihk", "anderer-bot")
    assert await house.look() == [(room.room_id, READ)]
    assert await house.look("2026-11-24 16:30") == []
    room.members[f"@tn02:{SERVER}"] = "leave"
    await house.look()
    room.members[f"@tn02:{SERVER}"] = "join"
    assert await house.look("2026-11-25 09:00") == []
    house.room(INFO, "tn02")
    assert await house.look("2026-11-25 09:30") == []


async def test_where_there_is_a_direct_chat_it_is_said_there_and_notifies(house):
    house.room(TALK, "tn02", "tn03")
    alone = house.alone_with("tn03")
    assert sorted(await house.look()) == [(house.chat.room(TALK), READ), (alone, READ)]
    kinds = {said.room: said.content["msgtype"] for said in house.chat.said}
    assert kinds == {alone: "m.text", house.chat.room(TALK): "m.notice"}


async def test_many_at_once_get_one_post_an_hour(house):
    room = house.room(TALK, *(f"tn{number:02}" for number in range(1, 9)))
    assert await house.look() == [(room.room_id, READ)]
    room.members[f"@tn09:{SERVER}"] = room.members[f"@tn10:{SERVER}"] = "join"
    assert await house.look("2026-11-24 15:59") == []
    assert await house.look("2026-11-24 16:00") == [(room.room_id, READ)]


async def test_who_was_there_before_the_bot_is_not_welcomed(house):
    house.room(INFO, "tn01", "tn02")
    async with house.chat.sessions.begin() as db:
        await db.execute(update(Room).where(Room.kind == INFO).values(seen={}))
    assert await house.look() == []
    house.rooms.known[house.chat.room(INFO)].members[f"@tn03:{SERVER}"] = "join"
    assert await house.look() == [(house.chat.room(TALK), READ)]
    async with house.chat.sessions() as db:
        found = (await db.scalars(select(Person.key).where(Person.welcomed))).all()
    assert found == ["tn01", "tn02", "tn03"]


@pytest.mark.parametrize("quiet", ["2026-11-24 20:00", "2026-11-28 12:00", "2026-12-23 12:00"])
async def test_it_keeps_quiet_at_night_at_weekends_and_in_breaks(house, quiet):
    house.room(TALK, "tn02")
    assert await house.look(quiet) == []
    assert len(await house.look("2027-01-11 09:00")) == 1


async def test_nothing_is_said_or_written_while_the_course_is_stopped(house):
    house.room(TALK, "tn02")
    async with house.chat.sessions.begin() as db:
        await db.execute(update(Course).values(stopped=True))
    before = [*house.wall.written]
    assert (await house.look(), house.wall.written) == ([], before)


# ------------------------------------------------------------------ what organisers read

RIGHT = "Prüfung: verschlüsselt {}, bestätigt {}, darf schreiben {}, Zeitzone Europe/Berlin."
SEALED = {"encryption": {"algorithm": "m.megolm.v1.aes-sha2"}}
MUTE = {"levels": {"events_default": 50, "users": {}}}
VOLUNTARY = "Freiwillig: Raumthema {}, anheften {}."
LEADER = {"by": "leitung-ihk", "place": ORGA}


async def checked(house: House, signed: str = "ja") -> list[str]:
    """What `!prüfung` says after a look."""
    await house.look()
    async with house.chat.sessions.begin() as db:
        await facts.put(db, SIGNED, signed)
    house.chat.now += timedelta(seconds=30)
    return (await house.chat.says("!prüfung", **LEADER)).splitlines()


async def test_the_check_tells_what_is_there_and_the_first_thing_that_is_missing(house):
    async with house.chat.sessions.begin() as db:
        await db.execute(update(Room).where(Room.kind == INFO).values(membership="", seen={}))
    house.room(ORGA, **SEALED)
    assert await checked(house, "nein") == [
        RIGHT.format("ja (nicht in Austausch)", "nein", "ja"),
        VOLUNTARY.format("ja", "ja"),
        "Nächster Schritt: mich in Ankündigungen einladen. Danach: !pruefung",
    ]
    async with house.chat.sessions.begin() as db:
        await db.execute(update(Room).values(membership="join"))
    house.room(INFO, **SEALED, **MUTE)
    house.room(TALK, **SEALED)
    assert await checked(house, "nein") == [
        RIGHT.format("ja", "nein", "ja (nicht in Ankündigungen)"),
        VOLUNTARY.format("ja (nicht in Ankündigungen)", "nein"),
        "Nächster Schritt: mir in Ankündigungen das Schreiben erlauben "
        "(Raumeinstellungen, Rechte).",
    ]
    house.room(INFO, **SEALED)
    for signed, step in (
        ("nein", "wer den Bot betreibt, ruft kursbot check auf und startet ihn neu."),
        ("ja", "fehlende Konten eintragen: tn16"),
    ):
        assert await checked(house, signed) == [
            RIGHT.format("ja", signed, "ja"),
            VOLUNTARY.format("ja", "ja"),
            f"Nächster Schritt: {step}",
        ]


async def test_the_last_steps_before_all_is_ready(house):
    house.room(INFO)
    house.room(ORGA)
    async with house.chat.sessions.begin() as db:
        await db.execute(update(Person).where(Person.key == "tn16").values(mxid="@tn16:x"))
    assert (await checked(house))[-1] == "Nächster Schritt: Programm anheften: !aushang"
    async with house.chat.sessions.begin() as db:
        db.add(Notice(course_id=house.chat.course.id))
    ready = "Nächster Schritt: nichts, alles bereit. Was ich sende: !vorschau"
    assert (await checked(house))[-1] == ready
    async with house.chat.sessions.begin() as db:
        await db.execute(delete(Person))
    assert (await checked(house))[-1] == "Nächster Schritt: Teilnehmende importieren."
    async with house.chat.sessions.begin() as db:
        await db.execute(delete(Meeting))
    assert (await checked(house))[-1] == "Nächster Schritt: Programm einlesen."


async def test_organisers_read_it_once_when_the_bot_has_come(house):
    async with house.chat.sessions.begin() as db:
        await db.execute(update(Room).where(Room.kind == ORGA).values(seen={}))
    room = house.room(ORGA)
    assert await house.look("2026-11-24 15:00:00") == []
    house.room(INFO)
    assert await house.look("2026-11-24 15:00:10") == []
    [(where, text)] = await house.look("2026-11-24 15:00:15")
    assert (where, text.partition(":")[0]) == (room.room_id, "Ich bin da. Prüfung")
    assert await house.look("2026-11-24 15:00:30") == []


async def test_nobody_else_can_ask_for_it(house):
    assert "nur für die Lehrgangsleitung" in await house.chat.says("!prüfung", place=ORGA)


# ------------------------------------------------------------------ on a real homeserver


async def test_a_real_course_is_looked_after(homeserver: Homeserver, tmp_path: Path) -> None:
    async with cohort(homeserver, tmp_path, 1, encrypted=True) as course:
        leader, room = course.people["leitung"], course.rooms[TALK]
        guest = course.people["tn01"]
        await guest.call("POST", "rooms", room, "leave", body={})
        await guest.call("POST", "rooms", course.rooms[INFO], "leave", body={})
        levels = await leader.state(room, LEVELS)
        levels["users"] |= {course.bot: 50}
        await leader.call("PUT", "rooms", room, "state", LEVELS, "", body=levels)
        await leader.call("PUT", "rooms", room, "state", TOPIC, "", body={"topic": "Hallo"})
        text = course.course(times(datetime.now(UTC), 3600))
        course.service.read(text[: text.index("[ruhezeiten]")] + text[text.index("[raeume]") :])
        await course.arrive()
        told = await leader.wait_for(lambda e: e.body.startswith("Ich bin da. Prüfung"), 30)
        assert told.body.splitlines()[:2] == [
            "Ich bin da. Prüfung: verschlüsselt ja, bestätigt ja, darf schreiben ja, "
            f"Zeitzone {text.partition('zeitzone = ')[2].split()[0].strip(chr(34))}.",
            "Freiwillig: Raumthema ja (nicht in Ankündigungen), anheften nein.",
        ]
        assert (told.room, told.encrypted) == (course.rooms[ORGA], True)

        async def named() -> bool:
            topic = await leader.state(room, TOPIC)
            return topic["topic"].startswith("Hallo · Nächster Termin: ")

        await eventually(named, 20)
        await leader.call("POST", "rooms", room, "invite", body={"user_id": guest.user_id})
        await guest.join(room)
        said = await guest.wait_for(lambda e: e.body == READ, 20)
        assert said.room == course.direct["tn01"]
        assert await course.service.stop() == 0
        everywhere = [e.body for where in course.everywhere for e in await course.timeline(where)]
        assert (everywhere.count(READ), everywhere.count(told.body)) == (1, 1)
