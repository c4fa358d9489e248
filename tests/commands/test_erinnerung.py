"""Personal reminders: what people say, and what comes once, however the course moves."""

import time
from datetime import date

import pytest
from sqlalchemy import select

from storage import occurrences, reminders
from storage.models import Occurrence, Person, Reminder

NONE = "Zurzeit keine persönlichen Erinnerungen. An: !erinnerung an oder !erinnerung 30 min vorher"
AT_NIGHT = "\nDas gilt auch in der Ruhezeit."


def on(leads, night=AT_NIGHT):
    another = "1 Tag" if "30 Minuten" in leads else "30 min"
    return (
        f"Gut, vor jedem Termin kommt eine Nachricht: {leads}.{night}\n"
        f"Weitere: !erinnerung {another} vorher. Aus: !erinnerung aus"
    )


def reminded(chat, since=0):
    said = [one for one in chat.said[since:] if "Keine Erinnerung mehr" in one.body]
    return [(one.room.partition(":")[0], one.body.partition("\n")[0]) for one in said]


async def test_on_more_less_and_off(cohort):
    assert await cohort.says("!erinnerung") == NONE
    assert await cohort.says("!erinnerung an") == on("1 Stunde vorher", "")
    assert await cohort.says("!erinnerung 30") == on("30 Minuten vorher")
    assert await cohort.says("erinnere mich 30 Minuten vorher") == on("30 Minuten vorher")
    assert await cohort.says("!erinnerung 1 Tag und 2h") == on(
        "30 Minuten vorher und 2 Stunden vorher und 1 Tag vorher"
    )
    assert await cohort.says("!erinnerung 3h") == (
        "Mehr als 3 gehen nicht. Von vorn: !erinnerung aus"
    )
    assert await cohort.says("!erinnerung 30 min weg") == on("2 Stunden vorher und 1 Tag vorher")
    assert await cohort.says("!erinnerung") == on("2 Stunden vorher und 1 Tag vorher")
    assert (await cohort.says("!stop")).startswith("Gut, keine persönlichen Erinnerungen mehr.")
    assert await cohort.says("!erinnerung") == NONE


@pytest.mark.parametrize("typed", ["4 min", "8 Tage", "0 min", "99999 Wochen"])
async def test_limits(cohort, typed):
    assert await cohort.says(f"!erinnerung {typed} vorher") == (
        "Möglich sind 5 Minuten bis 7 Tage vorher, zum Beispiel !erinnerung 30 min vorher"
    )


@pytest.mark.parametrize("typed", ["1,5 Stunden", "vielleicht", "'; drop"])
async def test_what_makes_no_sense_changes_nothing(cohort, typed):
    assert await cohort.says(f"!erinnerung {typed}") == (
        "Das verstehe ich nicht. So geht es: !erinnerung 30 min vorher, !erinnerung an oder aus"
    )
    assert await cohort.says("!erinnerung") == NONE


async def test_it_comes_directly_once_and_only_to_who_wants_it(cohort):
    await cohort.says("!erinnerung 30 min vorher")
    await cohort.says("!erinnerung 30 min und 1 Tag vorher", by="tn03")
    assert await cohort.clock_strikes("2026-11-25 09:29:59") != ""
    before = len(cohort.said)
    await cohort.clock_strikes("2026-11-25 09:30")
    await cohort.clock_strikes("2026-11-25 09:31")
    title = "Webinar 3 (Öffentlichkeitsarbeit): heute, Mi 25.11., 10:00 Uhr"
    assert reminded(cohort, before) == [("@tn02", title), ("@tn03", title)]
    assert {said.content["msgtype"] for said in cohort.said[before:]} == {"m.text"}


async def test_a_moved_meeting_is_said_again_and_a_cancelled_one_is_not(cohort, change):
    await cohort.says("!erinnerung 30 min vorher")
    await cohort.clock_strikes("2026-11-25 09:30")
    await change(key="w3", day=date(2026, 11, 26))
    await change(key="w4", cancelled=True)
    async with cohort.sessions.begin() as db:
        await occurrences.plan(db, cohort.course, cohort.now)
        await occurrences.plan(db, cohort.course, cohort.now)
    before = len(cohort.said)
    for now in ("2026-11-26 09:30", "2026-11-26 09:40", "2026-12-02 09:30", "2026-12-09 09:30"):
        await cohort.clock_strikes(now)
    assert [title for _, title in reminded(cohort, before)] == [
        "Webinar 3 (Öffentlichkeitsarbeit): heute, Do 26.11., 10:00 Uhr",
        "Webinar 5 (Angebotsentwicklung im Netzwerk): heute, Mi 09.12., 10:00 Uhr",
    ]


async def test_the_same_file_again_reminds_nobody_twice(cohort):
    await cohort.says("!erinnerung 30 min vorher")
    await cohort.clock_strikes("2026-11-25 09:30")
    await cohort.loads(now="2026-11-25 09:31")
    await cohort.clock_strikes("2026-11-25 09:32")
    assert len(reminded(cohort)) == 1


async def test_who_switches_it_off_or_has_left_is_not_reminded(cohort, change):
    for person in ("tn02", "tn03", "tn04"):
        await cohort.says("!erinnerung 30 min vorher", by=person)
    await cohort.says("!erinnerung aus", by="tn03")
    await change(Person, "tn04", status="ausgeschieden")
    await cohort.clock_strikes("2026-11-25 09:30")
    assert [who for who, _ in reminded(cohort)] == ["@tn02"]


async def test_two_thousand_people_cost_one_strike_and_one_plan(cohort):
    async with cohort.sessions.begin() as db:
        here = {"course_id": cohort.course.id}
        people = [
            Person(**here, key=f"p{n}", display="P", mxid=f"@p{n}:b.example") for n in range(2_000)
        ]
        db.add_all(people)
        db.add_all(Reminder(**here, person=one.key, lead=30) for one in people)
        await db.flush()
        await occurrences.plan(db, cohort.course, cohort.now)
        rows = await db.scalars(select(Occurrence).where(Occurrence.schedule == "erinnerung"))
        assert {row.lead for row in rows} == {30}
        began = time.process_time()
        assert len(await reminders.recipients(db, cohort.course, 30)) == 2_000
        await reminders.choose(db, cohort.course, people[0], [5, 30], cohort.now)
        assert time.process_time() - began < 0.5
