"""Two courses in one bot: whatever is typed in the rooms of one, nothing of the other is said."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

import bot
import commands
from bot.limits import Throttle
from storage.models import Base, Course
from storage.replies import INFO, ORGA, TALK

SAMPLE = Path(bot.__file__).with_name("sample_course.toml").read_text("utf-8")
CANARY = "Kanari"
TEXTS = re.compile(
    r"^(\s*(?:titel|kurztitel|thema|impuls|aufgabe|hinweis|frage|anzeige|name|kurz|satz|rolle"
    r'|traeger_text|leistungsnachweis|verantwortlich) = ")',
    re.M,
)
KEYS = re.compile(r'\b(tn\d\d|w\d|w10|a[12]|z[12]|wahl-1)\b(?=["\s])')
BEHIND = ("", "xw3", "xtn02")


def other() -> str:
    """A second course in which every text and every key is another one."""
    text = SAMPLE.partition("[testkalender_fruehjahr]")[0]
    text = TEXTS.sub(rf"\1{CANARY} ", text)
    text = KEYS.sub(r"x\1", text).replace("@tn", "@xtn")
    text = text.replace("nk-2026-2", "kanari-2026").replace("@leitung-ihk:", "@andere:")
    text = text.replace("leitung-stiftung:", "andere-stiftung:").replace("#nk-alumni", "#kanari")
    text = re.sub(r"\[wahl.beispielstimmen\](?:\n\w+ = \d)+", "", text)
    return text.replace("video.example.org", "kanari.example.org")


@pytest.fixture
async def two(cohort):
    """Our cohort, and another one whose rooms have other ids and whose people have said things."""
    ours = cohort.course
    text = other()
    for kind, alias in (("info", INFO), ("austausch", TALK), ("orga", ORGA)):
        text = text.replace(f"#kanari-2026-{kind}:chat.example.org", f"!x{alias}:chat.example.org")
    await cohort.imports(text.encode())
    theirs, cohort.course = cohort.course, ours
    cohort.router.throttle = Throttle(per_minute=10_000)
    for typed in ("!biete Kanarienvogel", "ja", "!satz Kanariensatz", "ja", "!tipp Kanarientipp"):
        await cohort.says(typed, by="xtn02")
    for typed in ("ja", "!frage x4 Kanarienfrage?", "ohne Namen", "!orga Kanarienfrage", "!da"):
        await cohort.says(typed, by="xtn03")
    await cohort.says("!ansage info Kanarienansage", by="andere", place="xorga")
    await cohort.says("ja", by="andere", place="xorga")
    return cohort, theirs


async def dump(chat, course):
    """All rows of a course."""
    found = {}
    async with chat.sessions() as db:
        for table in Base.metadata.tables.values():
            if "course_id" in table.c:
                query = select(table).where(table.c.course_id == course.id)
                found[table.name] = sorted(map(repr, await db.execute(query)))
        found["courses"] = [repr(await db.get_one(Course, course.id))]
    return found


async def test_nothing_of_the_other_course_is_said_or_touched(two):
    chat, theirs = two
    before, said = await dump(chat, theirs), len(chat.said)
    for name, command in commands.discover().items():
        by, place = ("leitung-ihk", ORGA) if command.admin else ("tn02", "direct")
        for behind in BEHIND if command.admin else BEHIND[:1]:
            chat.now += timedelta(seconds=1)
            await chat.says(f"!{name} {behind}", by=by, place=place)
        await chat.says("ja", by=by, place=place)
    assert len(chat.said) - said > 120
    for one in chat.said[said:]:
        assert CANARY.lower() not in str(one.content).lower(), one
        assert CANARY.encode() not in (one.file or b""), one
        assert not one.room.startswith("!x"), one
    assert await dump(chat, theirs) == before


async def test_the_clock_keeps_them_apart(two):
    chat, _ = two
    before = len(chat.said)
    await chat.clock_strikes("2026-11-25 09:46")
    assert any(one.room.startswith("!x") for one in chat.said[before:])
    for one in chat.said[before:]:
        if one.room.startswith("!"):
            ours = not one.room.startswith("!x")
            assert (CANARY.lower() in str(one.content).lower()) is not ours, one
