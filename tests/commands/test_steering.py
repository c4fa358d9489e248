"""What organisers type is data, too, and what they steer is their own course alone."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

import bot
from bot.limits import Throttle
from storage.models import Occurrence, Quarantine
from storage.replies import ORGA

LEADER = {"by": "leitung-ihk", "place": ORGA}
SAMPLE = Path(bot.__file__).with_name("sample_course.toml").read_text("utf-8")
WORDS = ("anwesend", "anwesend w3", "export", "ansage", "ansage info", "pause", "stopp", "weiter")
MORE = ("vorschau", "vorschau seite", "status", "text", "text gleich", "text w3")
PEOPLE = (
    "organisator dazu",
    "organisator weg",
    "austritt",
    "eintritt tn99",
    "eintritt",
    "gruppe 1",
)
BEHIND = (
    *("' OR 1=1; --", "tn01 ½", "tn01 99999999999999999999", "99999999999999999999", "٣", "½:00"),
    *("Mi 25:99 x", "{", "@room", "@room @room", "**", "\u202eabc", "\ud800x", "a" * 9_000, "-"),
    *("1.1.-31.12.", "weg 99999999999", "weg ٣", "liste x", "seite 999999999999", "<b>x</b>"),
)


async def test_whatever_organisers_type_is_answered_and_breaks_nothing(cohort):
    cohort.router.throttle = Throttle(per_minute=10_000)
    for word in (*WORDS, *MORE, *PEOPLE):
        for behind in BEHIND:
            cohort.now += timedelta(seconds=1)
            before = len(cohort.said)
            await cohort.says(f"!{word} {behind}", **LEADER)
            assert {said.room for said in cohort.said[before:]} == {cohort.room(ORGA)}
            for said in cohort.said[before:]:
                assert "schiefgegangen" not in said.body, (word, behind)
                assert said.content["m.mentions"] == {}
                assert len(said.body) <= 600, (word, behind)
                assert len(said.body.splitlines()) <= 12
    async with cohort.sessions() as db:
        assert (await db.scalars(select(Quarantine))).all() == []


async def test_another_course_is_not_touched(cohort):
    other = SAMPLE.replace("nk-2026-2", "nk-2026-3").replace("leitung-ihk:", "andere:")
    ours = cohort.course
    await cohort.imports(other.replace("#nk-alumni", "#nk-alumni-3").encode())
    theirs, cohort.course = cohort.course, ours
    await cohort.says("!stopp alles", **LEADER)
    await cohort.says("!pause 30.11. bis 4.12.", **LEADER)
    await cohort.says("ja", **LEADER)
    async with cohort.sessions() as db:
        course = await db.get_one(type(theirs), theirs.id)
        rows = await db.scalars(select(Occurrence).where(Occurrence.course_id == theirs.id))
        assert not course.stopped
        assert any(row.subject == "w4" and row.schedule == "gleich" for row in rows)
