"""Whoever nobody in the course knows gets one friendly sentence, and the organisers one line."""

import pytest

from bot.matrix.state import Rooms
from storage.replies import ORGA, TALK

GUEST = "@gast:chat.example.org"
WELCOME = (
    "Ich kann dieses Konto noch keinem Netzwerk zuordnen. Die Lehrgangsleitung ist informiert."
)
NOTE = (
    f"Ein Konto, das im Kurs niemandem gehört, schreibt mir: {GUEST}\n"
    "Gehört es dazu? !eintritt, dann die Kennung (wie tn05) und dieses Konto."
)


@pytest.fixture
async def course(chat):
    await chat.loads()
    return chat


async def hears(chat, text, **where):
    before = len(chat.said)
    await chat.says(text, by=GUEST, **where)
    return [(s.room if s.room[0] == "@" else chat.place_of(s), s.body) for s in chat.said[before:]]


@pytest.mark.parametrize("text", ["!link", "!da", "!netzwerk Nirgendwo"])
async def test_in_a_course_room_the_answer_comes_first(course, text):
    said = await hears(course, text, place=TALK)
    assert sorted(where for where, _ in said) == sorted([TALK, ORGA, GUEST])
    assert {(ORGA, NOTE), (GUEST, WELCOME)} < set(said)
    again = await hears(course, text, place=TALK)
    assert [where for where, _ in again] == [TALK]


async def test_people_talking_in_the_room_are_left_alone(course):
    assert await hears(course, "Guten Morgen zusammen!", place=TALK) == []


async def test_directly_only_who_is_in_a_room_of_the_course(course):
    assert await hears(course, "hilfe") == []
    course.router.shared = lambda person: ["!fremd:x"]
    assert await hears(course, "hilfe") == []
    course.router.shared = lambda person: ["!fremd:x", course.room(TALK)]
    assert {body for _, body in await hears(course, "hilfe")} == {NOTE, WELCOME}
    assert await hears(course, "hallo?") == []
    course.at("2026-11-25 08:00")
    assert [body for _, body in await hears(course, "hallo?")] == [WELCOME]


async def test_people_and_organisers_are_known(course):
    for by in ("tn05", "leitung-ihk"):
        await course.says("!link", by=by, place=TALK)
    assert [course.place_of(said) for said in course.said] == [TALK, TALK]


async def test_a_likeness_of_an_organiser_is_a_stranger(course):
    copy = "@leitung-ihk:boese.example.org"
    answer = await course.says("!umfrage Wer? | A | B", by=copy, place=ORGA)
    assert answer.startswith("Diesen Befehl gibt es nur für die Lehrgangsleitung")
    assert f"niemandem gehört, schreibt mir: {copy}" in answer


def test_who_is_together_with_the_bot():
    def joined(user, membership="join"):
        content = {"membership": membership}
        return {"type": "m.room.member", "state_key": user, "content": content}

    made = {"type": "m.room.create", "state_key": "", "sender": "@a:x", "content": {}}
    state = {"!a:x": [made, joined(GUEST)], "!b:x": [made, joined(GUEST, "leave")]}
    rooms = Rooms()
    rooms.update({"rooms": {"join": {r: {"state": {"events": e}} for r, e in state.items()}}})
    assert rooms.shared_with(GUEST) == ["!a:x"]
