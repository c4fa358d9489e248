"""Whatever is typed behind a command is data: one answer, here, and nothing breaks."""

import re
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

import commands
from bot.limits import Throttle
from storage.models import Quarantine
from storage.replies import DIRECT, INFO, ORGA, TALK

WORDS = sorted(
    word
    for command in commands.discover().values()
    for word in (command.name, *command.aliases, *command.phrases)
    if not command.admin
)
ABSURD = (
    *("", " ", "0", "-1", "3", "99999999999999999999", "1 2 3 4 5", "1e9", "½", "٣", "31.02."),
    *("w3", "w99", "Webinar 0", "seite 99999999999999999999", "alle seite 0", "hoch 1", "hoch 0"),
    *("ja", "nein", "mehr", "an", "aus", "nicht", "weg", "!link", "!" * 300, "tn03", "heide"),
)
HOSTILE = (
    *("' OR 1=1; DROP TABLE people; --", "%", "_", "\\", "../../etc/passwd", "{}", "%s%n", "**"),
    *("@room", "@tn03:chat.example.org", "<b>fett</b><script>", "[x](https://a.example)", "1."),
    *("\u202eabc", "a\x00b", "\ud800x", "\n\n\n5", "ä\u0300" * 5_000, "🦕" * 500, "a" * 20_000),
    "https://matrix.to/#/@tn03:chat.example.org",
)
ANSWERS = ("", "", "ja", "nein", "1", "mehr", "mit Namen", "LÖSCHEN", "99")
MOMENTS = ("2026-11-24 15:00", "2026-11-25 10:05", "2026-12-09 12:05", "2027-03-01 10:00")
TAGS = re.compile(r"<(?!/?(?:strong|br|a)\b)")


def check(chat, said, asked):
    """An answer fits a phone, mentions nobody, and is nowhere but where it belongs."""
    allowed = {asked.room_id, chat.room(ORGA), asked.sender, chat.room(DIRECT, "tn02")}
    assert said.room in allowed | ({chat.room(TALK)} if asked.direct else set()), said
    if said.type == "m.room.message":
        assert said.content["m.mentions"] == {}
        assert not TAGS.search(said.content.get("formatted_body", ""))
        assert len(said.body.splitlines()) <= 12
        assert len(said.body) <= (1_300 if said.room == chat.room(ORGA) else 600)
        assert not re.search(r"^\d+\.", said.body, re.M)
        assert "schiefgegangen" not in said.body


async def asks(chat, text, place):
    """Type it, and look at all that is said because of it."""
    chat.now += timedelta(seconds=20)
    asked, before = chat.message(text, "tn02", place), len(chat.said)
    await chat.hears(asked)
    said = chat.said[before:]
    for one in said:
        check(chat, one, asked)
    answers = [one for one in said if one.content["de.kursbot.cause"] == asked.event_id]
    assert len(answers) <= 1
    return answers


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    word=st.sampled_from(WORDS),
    behind=st.one_of(st.sampled_from(ABSURD), st.sampled_from(HOSTILE), st.text(max_size=40)),
    place=st.sampled_from((DIRECT, TALK, INFO)),
    then=st.sampled_from(ANSWERS),
    moment=st.sampled_from(MOMENTS),
)
async def test_one_answer_and_nothing_breaks(cohort, word, behind, place, then, moment):
    cohort.at(moment)
    cohort.router.throttle = Throttle(per_minute=10_000)  # the clock goes back with each example
    await asks(cohort, f"!{word} {behind}", place)
    if then:
        await asks(cohort, then, place)
    async with cohort.sessions() as db:
        assert (await db.scalars(select(Quarantine))).all() == []


@pytest.mark.parametrize("behind", ["", "3 4 5 ja nein", HOSTILE[0] + HOSTILE[-1]])
async def test_every_command_answers(cohort, behind):
    for name, command in commands.discover().items():
        if not command.admin:
            assert len(await asks(cohort, f"!{name} {behind}", DIRECT)) == 1, name
