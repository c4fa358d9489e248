"""When the bot speaks: weekdays and relative times, quiet hours, breaks and both clock changes."""

import tomllib
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import calendar, silence
from storage.models import Break, Course, Meeting, Poll, Rule
from storage.timetable import PERSONAL, SUMMARY, Planned, Timetable

MON, FRI = 0, 4
SAMPLE = Path("bot/sample_course.toml")


def make_course(**changes):
    quiet = {"quiet_from": time(18), "quiet_until": time(7, 30), "quiet_weekend": True}
    facts = {
        **{"key": "nk", "title": "Kurs", "short_title": "Kurs", "timezone": "Europe/Berlin"},
        **{"begins": date(2026, 10, 1), "ends": date(2027, 6, 30)},
        "imported_at": datetime(2026, 10, 1, tzinfo=UTC),
    }
    return Course(**(facts | quiet | changes))


def make_rule(key, room="austausch", push=True, **when):
    return Rule(course_id=1, key=key, room=room, push=push, **when)


RULES = (
    make_rule("impuls", weekday=MON, clock=time(9)),
    make_rule("vortag", "ankuendigungen", days=-1, clock=time(14)),
    make_rule("gleich", "ankuendigungen", minutes=-15, until_start=True),
    make_rule("feedback", minutes_after_end=10),
    make_rule("material", "ankuendigungen", push=False, trigger="material_hinterlegt"),
    make_rule("material-fehlt", "orga", days=1, clock=time(10)),
    make_rule("wochenrueckblick", push=False, weekday=FRI, clock=time(13)),
)


def make_meeting(day, key="w3", starts=time(10), ends=time(11, 30), **changes):
    facts = {"course_id": 1, "kind": "webinar", "units": 2, "topic": "Thema"}
    return Meeting(**(facts | {"key": key, "day": day, "starts": starts, "ends": ends} | changes))


def make_poll(opens, closes):
    return Poll(course_id=1, key="wahl-1", question="?", slots=["A"], opens=opens, closes=closes)


def planned(meetings, rules=RULES, breaks=(), polls=(), course=None) -> list[Planned]:
    strikes = Timetable(course or make_course(), rules, meetings, breaks, polls).planned()
    return [strike for strike in strikes if strike.schedule != SUMMARY]


def unruly(meetings, leads=(), breaks=()) -> list[Planned]:
    """What no rule names: summaries of feedback and personal reminders."""
    strikes = Timetable(make_course(), RULES, meetings, breaks, (), leads).planned()
    return [strike for strike in strikes if strike.schedule in (SUMMARY, PERSONAL)]


def local(moment):
    return f"{moment:%d.%m. %H:%M}"


def table(strikes):
    return [(p.schedule, local(p.due), local(p.expires)) for p in strikes]


def test_a_normal_week():
    assert table(planned([make_meeting(date(2026, 11, 25))])) == [
        ("impuls", "23.11. 09:00", "25.11. 10:00"),
        ("vortag", "24.11. 14:00", "25.11. 10:00"),
        ("gleich", "25.11. 09:45", "25.11. 10:00"),
        ("feedback", "25.11. 11:40", "27.11. 12:00"),
        ("material_fehlt", "26.11. 10:00", "27.11. 10:00"),
        ("wochenrueckblick", "27.11. 13:00", "30.11. 00:00"),
    ]


def test_a_strike_carries_what_its_rule_says():
    strikes = planned([make_meeting(date(2026, 11, 25))])
    assert strikes[1] == Planned(
        cause="vortag/nk/w3/2026-11-24T14:00",
        schedule="vortag",
        subject="w3",
        room="ankuendigungen",
        push=True,
        anchor=make_course().starts(make_meeting(date(2026, 11, 25))),
        due=datetime(2026, 11, 24, 13, tzinfo=UTC).astimezone(make_course().zone),
        expires=datetime(2026, 11, 25, 9, tzinfo=UTC).astimezone(make_course().zone),
    )
    assert [(p.room, p.push) for p in strikes[4:]] == [("orga", True), ("austausch", False)]
    assert strikes[0].cause == "impuls/nk/2026-W48/2026-11-23T09:00"


def test_feedback_may_be_given_for_a_day_at_least():
    friday = planned([make_meeting(date(2026, 11, 27))], RULES[3:4])
    assert table(friday) == [("feedback", "27.11. 11:40", "28.11. 11:40")]


def test_only_webinars_have_a_week():
    kickoff = make_meeting(date(2026, 11, 3), "a2", time(9), time(16, 30), kind="auftakt")
    assert [p.schedule for p in planned([kickoff])] == ["vortag", "gleich"]


def test_a_weekday_speaks_once_a_week_of_the_first_webinar():
    two = [make_meeting(date(2026, 11, 26), "w4"), make_meeting(date(2026, 11, 24), "w3")]
    strikes = [p for p in planned(two) if p.schedule in ("impuls", "wochenrueckblick")]
    assert [(p.schedule, p.subject) for p in strikes] == [
        ("impuls", "w3"),
        ("wochenrueckblick", "w3"),
    ]
    assert len(planned(two)) == 10


def test_a_cancelled_meeting_is_not_spoken_of():
    assert planned([make_meeting(date(2026, 11, 25), cancelled=True)]) == []


def test_what_is_triggered_is_not_planned():
    assert planned([make_meeting(date(2026, 11, 25))], RULES[4:5]) == []


def test_a_sundays_reminder_waits_until_monday_morning():
    monday = make_meeting(date(2026, 11, 2), "a1", time(9), kind="auftakt")
    strikes = planned([monday])
    assert table(strikes) == [
        ("vortag", "02.11. 07:30", "02.11. 09:00"),
        ("gleich", "02.11. 08:45", "02.11. 09:00"),
    ]
    assert strikes[0].cause == "vortag/nk/a1/2026-11-01T14:00"


def test_what_cannot_wait_is_said_in_time():
    early = make_meeting(date(2026, 11, 2), "a1", time(7), kind="auftakt")
    assert table(planned([early])) == [
        ("vortag", "01.11. 14:00", "02.11. 07:00"),
        ("gleich", "02.11. 06:45", "02.11. 07:00"),
    ]


def test_an_evening_webinar_opens_on_time_and_asks_in_the_morning():
    evening = make_meeting(date(2026, 11, 25), starts=time(19), ends=time(20, 30))
    assert table(planned([evening], RULES[2:4])) == [
        ("gleich", "25.11. 18:45", "25.11. 19:00"),
        ("feedback", "26.11. 07:30", "27.11. 12:00"),
    ]


def test_the_nudge_after_a_friday_comes_on_monday():
    strikes = planned([make_meeting(date(2026, 11, 27))], RULES[5:6])
    assert table(strikes) == [("material_fehlt", "30.11. 07:30", "01.12. 07:30")]


def test_nothing_at_all_is_said_in_a_break():
    inside = make_meeting(date(2026, 12, 23))
    pause = Break(course_id=1, name="Pause", first=date(2026, 12, 21), last=date(2027, 1, 8))
    assert planned([inside], breaks=[pause]) == []


def test_a_break_holds_back_what_is_useful_after_it():
    webinar = make_meeting(date(2026, 11, 25))
    pause = Break(course_id=1, name="Pause", first=date(2026, 11, 23), last=date(2026, 11, 24))
    assert table(planned([webinar], RULES[:3], [pause])) == [
        ("impuls", "25.11. 07:30", "25.11. 10:00"),
        ("vortag", "25.11. 07:30", "25.11. 10:00"),
        ("gleich", "25.11. 09:45", "25.11. 10:00"),
    ]


def test_the_end_of_a_break_may_be_quiet_or_another_break():
    breaks = [
        Break(course_id=1, name="B", first=date(2026, 11, 30), last=date(2026, 12, 1)),
        Break(course_id=1, name="A", first=date(2026, 11, 26), last=date(2026, 11, 27)),
    ]
    moment = datetime(2026, 11, 26, 12, tzinfo=make_course().zone)
    assert local(silence.after_breaks(make_course(), breaks, moment)) == "02.12. 07:30"


def test_a_poll_keeps_to_the_minute_its_organisers_set():
    zone = make_course().zone
    opens = datetime(2026, 12, 24, 20, tzinfo=zone)
    closes = datetime(2027, 1, 2, 23, tzinfo=zone)
    pause = Break(course_id=1, name="Pause", first=date(2026, 12, 21), last=date(2027, 1, 8))
    strikes = planned([], breaks=[pause], polls=[make_poll(opens, closes)])
    assert [(p.cause, local(p.due), p.room, p.push) for p in strikes] == [
        ("wahl_oeffnet/nk/wahl-1/2026-12-24T20:00", "24.12. 20:00", "austausch", True),
        ("wahl_schliesst/nk/wahl-1/2027-01-02T23:00", "02.01. 23:00", "austausch", True),
    ]
    assert strikes[0].expires == closes
    assert strikes[1].due == closes + timedelta(seconds=1)
    assert strikes[1].expires > closes + timedelta(days=3000)


def test_nobody_can_make_a_rule_of_the_polls_own_schedules():
    rule = make_rule("wahl-oeffnet", weekday=MON, clock=time(9))
    assert planned([make_meeting(date(2026, 11, 25))], [rule]) == []


QUIET_NIGHT = {"quiet_from": time(18), "quiet_until": time(7, 30), "quiet_weekend": False}


@pytest.mark.parametrize(
    ("settings", "moment", "after"),
    [
        (QUIET_NIGHT, (2026, 11, 25, 17, 59), "25.11. 17:59"),
        (QUIET_NIGHT, (2026, 11, 25, 18, 0), "26.11. 07:30"),
        (QUIET_NIGHT, (2026, 11, 25, 23, 59), "26.11. 07:30"),
        (QUIET_NIGHT, (2026, 11, 25, 7, 29), "25.11. 07:30"),
        (QUIET_NIGHT, (2026, 11, 25, 7, 30), "25.11. 07:30"),
        (QUIET_NIGHT, (2026, 11, 28, 12, 0), "28.11. 12:00"),
        ({}, (2026, 11, 27, 18, 0), "30.11. 07:30"),
        ({}, (2026, 11, 28, 12, 0), "30.11. 07:30"),
        ({}, (2026, 11, 29, 23, 59), "30.11. 07:30"),
        ({"quiet_from": None}, (2026, 11, 28, 12, 0), "30.11. 00:00"),
        ({"quiet_from": time(12), "quiet_until": time(13)}, (2026, 11, 25, 12, 30), "25.11. 13:00"),
        ({"quiet_from": time(12), "quiet_until": time(13)}, (2026, 11, 25, 13, 0), "25.11. 13:00"),
        ({"quiet_from": time(12), "quiet_until": time(12)}, (2026, 11, 25, 12, 0), "25.11. 12:00"),
    ],
)
def test_quiet_hours(settings, moment, after):
    course = make_course(**settings)
    assert local(silence.after_quiet(course, datetime(*moment, tzinfo=course.zone))) == after


# ------------------------------------------------------------------ the two clock changes


def utc(strikes):
    return [(p.schedule, f"{p.due.astimezone(UTC):%d.%m. %H:%M}") for p in strikes]


def test_ten_o_clock_stays_ten_o_clock_over_the_end_of_summer_time():
    before, after = make_meeting(date(2026, 10, 21), "w1"), make_meeting(date(2026, 10, 28), "w2")
    assert utc(planned([before, after], RULES[:3])) == [
        ("impuls", "19.10. 07:00"),
        ("vortag", "20.10. 12:00"),
        ("gleich", "21.10. 07:45"),
        ("impuls", "26.10. 08:00"),
        ("vortag", "27.10. 13:00"),
        ("gleich", "28.10. 08:45"),
    ]


def test_a_sunday_in_the_night_of_the_change_waits_for_winter_time():
    monday = make_meeting(date(2026, 10, 26), "a1", time(9), kind="auftakt")
    assert utc(planned([monday])) == [("vortag", "26.10. 06:30"), ("gleich", "26.10. 07:45")]


def test_minutes_are_counted_as_a_stopwatch_does():
    course = make_course(quiet_from=None, quiet_until=None, quiet_weekend=False)
    night = make_meeting(date(2027, 3, 28), "n1", time(3, 5), time(3, 30))
    assert utc(planned([night], RULES[2:4], course=course)) == [
        ("gleich", "28.03. 00:50"),
        ("feedback", "28.03. 01:40"),
    ]


def test_a_skipped_time_becomes_the_first_valid_minute():
    course = make_course(quiet_from=None, quiet_until=None, quiet_weekend=False)
    rule = make_rule("vortag", days=-1, clock=time(2, 30))
    strikes = planned([make_meeting(date(2027, 3, 29))], [rule], course=course)
    assert utc(strikes) == [("vortag", "28.03. 01:00")]
    assert strikes[0].cause == "vortag/nk/w3/2027-03-28T03:00"


def test_the_spring_calendar_keeps_its_local_times_and_its_break():
    spring = tomllib.loads(SAMPLE.read_text())["testkalender_fruehjahr"]
    webinars = [make_meeting(d, f"w{n}", number=n) for n, d in enumerate(spring["webinare"], 1)]
    pause = spring["pausen"][0]
    breaks = [Break(course_id=1, name=pause["name"], first=pause["von"], last=pause["bis"])]
    strikes = planned(webinars, RULES, breaks)
    starts = [p for p in strikes if p.schedule == "gleich"]
    assert {p.due.time() for p in starts} == {time(9, 45)}
    assert [p.due.astimezone(UTC).hour for p in starts] == [8, 8, *[7] * 8]
    march = [(p.schedule, local(p.due)) for p in strikes if p.due.date() > date(2027, 3, 21)][:8]
    assert march == [
        ("impuls", "22.03. 09:00"),
        ("vortag", "23.03. 14:00"),
        ("gleich", "24.03. 09:45"),
        ("feedback", "24.03. 11:40"),
        ("material_fehlt", "25.03. 10:00"),
        ("impuls", "05.04. 09:00"),
        ("vortag", "06.04. 14:00"),
        ("gleich", "07.04. 09:45"),
    ]


# ------------------------------------------------------------------ whatever the course

DAYS = st.dates(date(2026, 10, 5), date(2027, 4, 30))
TIMES = st.times().map(lambda t: t.replace(second=0, microsecond=0))


@st.composite
def meetings(draw):
    found = []
    for number in range(draw(st.integers(1, 6))):
        start = draw(st.times(time(0), time(21)).map(lambda t: t.replace(second=0, microsecond=0)))
        end = time(start.hour + 2, start.minute)
        kind = draw(st.sampled_from(("auftakt", "webinar", "webinar", "abschluss")))
        found.append(make_meeting(draw(DAYS), f"m{number}", start, end, kind=kind))
    return found


@st.composite
def breaks_(draw):
    starts = draw(st.lists(DAYS, max_size=3))
    lengths = draw(st.lists(st.integers(0, 20), min_size=3, max_size=3))
    pairs = zip(starts, lengths, strict=False)
    return [Break(course_id=1, name="P", first=d, last=d + timedelta(days=n)) for d, n in pairs]


@given(meetings(), breaks_(), TIMES, TIMES, st.booleans())
def test_every_plan_keeps_its_promises(dates, breaks, quiet_from, quiet_until, weekend):
    course = make_course(quiet_from=quiet_from, quiet_until=quiet_until, quiet_weekend=weekend)
    strikes = planned(dates, RULES, breaks, course=course)
    assert len({p.cause for p in strikes}) == len(strikes)
    assert all(p.due < p.expires for p in strikes)
    assert not [p for p in strikes for b in breaks if b.first <= p.due.date() <= b.last]
    starts = {m.key: course.starts(m) for m in dates}
    for p in (p for p in strikes if p.schedule == "gleich"):
        wanted = calendar.later(starts[p.subject], -timedelta(minutes=15))
        in_break = any(b.first <= wanted.date() <= b.last for b in breaks)
        assert p.due == wanted or (in_break and p.due > wanted)
    for p in strikes:
        rested = silence.after_quiet(course, p.due)
        assert rested == p.due or p.schedule == "gleich" or rested >= p.expires


# --- what no rule names


def test_feedback_is_summed_up_on_friday_noon_or_a_day_later():
    christmas = Break(course_id=1, name="P", first=date(2026, 12, 4), last=date(2026, 12, 6))
    meetings = [
        make_meeting(date(2026, 11, 25)),
        make_meeting(date(2026, 12, 3), "w4", time(14), time(15)),
        make_meeting(date(2026, 12, 11), "w5", time(16), time(17)),
    ]
    assert table(unruly(meetings, breaks=[christmas])) == [
        (SUMMARY, "27.11. 12:00", "04.12. 12:00"),
        (SUMMARY, "07.12. 07:30", "14.12. 07:30"),  # after the break
        (SUMMARY, "14.12. 07:30", "21.12. 07:30"),  # on Saturday nobody works
    ]


def test_personal_reminders_come_before_each_meeting():
    dates = [
        make_meeting(date(2026, 11, 25)),
        make_meeting(date(2026, 11, 26), "w4", cancelled=True),
        make_meeting(date(2026, 11, 27), "a1", time(8), kind="auftakt"),
    ]
    found = [strike for strike in unruly(dates, (0, 30, 1440)) if strike.schedule == PERSONAL]
    assert [(p.subject, p.lead, local(p.due), p.room, p.push) for p in found] == [
        ("w3", 1440, "24.11. 10:00", "direct", True),
        ("w3", 0, "25.11. 09:00", "direct", True),
        ("w3", 30, "25.11. 09:30", "direct", True),
        ("a1", 1440, "26.11. 08:00", "direct", True),
        ("a1", 0, "27.11. 07:30", "direct", True),  # the usual one waits for the quiet hours
        ("a1", 30, "27.11. 07:30", "direct", True),
    ]
    assert len({strike.cause for strike in found}) == 6
    assert {strike.expires for strike in found if strike.subject == "w3"} == {found[0].anchor}


def test_what_was_chosen_to_the_minute_comes_at_night_too():
    early = [make_meeting(date(2026, 11, 25), starts=time(7), ends=time(8))]
    assert table(unruly(early, (0, 90)))[:2] == [
        (PERSONAL, "25.11. 05:30", "25.11. 07:00"),
        (PERSONAL, "25.11. 06:00", "25.11. 07:00"),  # quiet until after the start: no use waiting
    ]


@pytest.mark.parametrize(("day", "due"), [(28, "27.03. 09:00"), (29, "28.03. 10:00")])
def test_a_day_before_is_24_hours_before_across_a_clock_change(day, due):
    found = unruly([make_meeting(date(2027, 3, day))], (1440,))
    assert local(found[0].due) == due
    assert found[0].anchor - found[0].due.astimezone(UTC) == timedelta(days=1)
