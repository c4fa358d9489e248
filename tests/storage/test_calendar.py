"""German dates as people read and type them, and the two nights on which the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.calendar import (
    at,
    clock,
    day_phrase,
    is_date,
    read_date,
    read_span,
    read_time,
    relative,
    short,
    span,
    weekday,
    with_year,
)

BERLIN = ZoneInfo("Europe/Berlin")
TODAY = date(2026, 11, 24)  # a Tuesday, the day of all dialogues
FIRST, LAST = date(2026, 11, 2), date(2027, 2, 9)
COURSE_DAYS = st.dates(FIRST, LAST)


def test_dates_as_they_are_shown():
    assert weekday(date(2026, 11, 25)) == "Mi"
    assert short(date(2026, 11, 25)) == "Mi 25.11."
    assert short(date(2026, 12, 2)) == "Mi 02.12."
    assert with_year(date(2026, 12, 21)) == "Mo 21.12.2026"
    assert clock(time(9, 5)) == "09:05"
    assert span(time(10), time(11, 30)) == "10:00 bis 11:30 Uhr"


def test_all_seven_weekdays():
    week = [weekday(date(2026, 11, 23) + timedelta(days=days)) for days in range(7)]
    assert week == ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"]


@pytest.mark.parametrize(
    ("days", "word", "phrase"),
    [
        (-2, "", "So 22.11."),
        (-1, "gestern", "gestern, Mo 23.11."),
        (0, "heute", "heute, Di 24.11."),
        (1, "morgen", "morgen, Mi 25.11."),
        (2, "", "Do 26.11."),
    ],
)
def test_nearness(days, word, phrase):
    day = TODAY + timedelta(days=days)
    assert (relative(day, TODAY), day_phrase(day, TODAY)) == (word, phrase)


@pytest.mark.parametrize(
    "text",
    [
        "3.12.",
        "03.12.",
        "3.12",
        "03.12",
        "3. 12.",
        "03.12.2026",
        "3.12.2026",
        "3.12.26",
        "3. 12. 2026",
        "3. Dezember",
        "3.Dezember",
        "3 Dezember",
        "3. Dez",
        "3. Dez.",
        "3. dezember 2026",
        "3. DEZEMBER 26",
        "am 3.12.",
        "vom 3.12.",
        "Do 3.12.",
        "Do, 3.12.",
        "Do. 03.12.",
        "Donnerstag, 3. Dezember",
        "Donnerstag, den 3. Dezember 2026",
        "am Donnerstag, dem 3.12.",
        "Do 03.12.2026",
        "2026-12-03",
        " 3.12.! ",
        "３.１２.",
        "3.\xa0Dezember",
    ],
)
def test_every_way_to_write_the_third_of_december(text):
    assert read_date(text, today=TODAY, first=FIRST, last=LAST) == date(2026, 12, 3)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("heute", date(2026, 11, 24)),
        ("Heute!", date(2026, 11, 24)),
        ("morgen", date(2026, 11, 25)),
        ("übermorgen", date(2026, 11, 26)),
        ("uebermorgen", date(2026, 11, 26)),
        ("gestern", date(2026, 11, 23)),
        ("von gestern", date(2026, 11, 23)),
        ("vorgestern", date(2026, 11, 22)),
        ("Mi", date(2026, 11, 25)),
        ("Do", date(2026, 11, 26)),
        ("Donnerstag", date(2026, 11, 26)),
        ("am Donnerstag", date(2026, 11, 26)),
        ("Montag", date(2026, 11, 30)),
        ("Sonnabend", date(2026, 11, 28)),
        ("Samstag", date(2026, 11, 28)),
        ("so", date(2026, 11, 29)),
        ("Dienstag", date(2026, 11, 24)),  # may be today
        ("nächsten Dienstag", date(2026, 12, 1)),  # is not today
        ("nächsten Mittwoch", date(2026, 11, 25)),
        ("naechsten mittwoch", date(2026, 11, 25)),
        ("am kommenden Mittwoch", date(2026, 11, 25)),
        ("diesen Dienstag", date(2026, 11, 24)),
        ("letzten Mittwoch", date(2026, 11, 18)),
        ("letzten Dienstag", date(2026, 11, 17)),
        ("1. März", date(2027, 3, 1)),
        ("1. Maerz", date(2027, 3, 1)),
        ("1. Mrz.", date(2027, 3, 1)),
        ("29.2.", date(2028, 2, 29)),
        ("8.1.1999", date(1999, 1, 8)),
    ],
)
def test_words_for_days(text, day):
    assert read_date(text, today=TODAY) == day


def test_a_missing_year_is_the_one_of_the_course():
    asked = {"today": TODAY, "first": FIRST, "last": LAST}
    assert read_date("13.1.", **asked) == date(2027, 1, 13)
    assert read_date("11.11.", **asked) == date(2026, 11, 11)  # past, but of this course
    assert read_date("1.10.", **asked) == date(2027, 10, 1)  # not of this course: the next at all


def test_a_missing_year_without_a_course_is_the_next():
    assert read_date("24.11.", today=TODAY) == date(2026, 11, 24)
    assert read_date("23.11.", today=TODAY) == date(2027, 11, 23)


def test_the_next_day_of_a_course_longer_than_a_year():
    asked = {"first": date(2026, 1, 1), "last": date(2027, 12, 31)}
    assert read_date("23.11.", today=TODAY, **asked) == date(2027, 11, 23)
    assert read_date("25.11.", today=TODAY, **asked) == date(2026, 11, 25)
    assert read_date("25.11.", today=date(2028, 2, 1), **asked) == date(2027, 11, 25)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "31.02.",
        "30. Februar",
        "32.1.",
        "0.1.",
        "1.0.",
        "1.13.",
        "29.02.2027",
        "10:00",
        "10 Uhr",
        "3",
        "3.",
        "Dezember",
        "Webinar 4",
        "w4",
        "bald",
        "Do 02.12.",
        "Mi 3. Dezember 2026",
        "3.12.226",
        "3.12.20266",
        "2026-13-01",
        "3,12",
        "dozent",
        "3. Foo",
        "\x00",
        "٣.١٢.",
    ],
)
def test_what_is_no_date(text):
    assert read_date(text, today=TODAY, first=FIRST, last=LAST) is None


@given(day=COURSE_DAYS, today=COURSE_DAYS)
def test_the_short_form_is_read_back(day, today):
    for text in (short(day), with_year(day), day.isoformat(), f"{day.day}.{day.month}."):
        assert read_date(text, today=today, first=FIRST, last=LAST) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Mittwoch den 9.", date(2026, 12, 9)),
        ("Mi 9.", date(2026, 12, 9)),
        ("am Mittwoch, den 13", date(2027, 1, 13)),
        ("Mi 4.", date(2026, 11, 4)),
        ("Mittwoch den 31.", None),
        ("Mi 9", None),
    ],
)
def test_a_weekday_and_a_number_are_the_next_such_day_within_two_months(text, day):
    assert read_date(text, today=TODAY) == day


def test_what_is_a_date_be_there_such_a_day_or_not():
    for text in ("31.12.", "31.2.", "Mi 3.12.", "Mittwoch den 31.", "Freitag", "30. Februar"):
        assert is_date(text), text
    for text in ("morgen", "3", "w3", "39 grad", "10 Uhr", "Mi 10 Uhr", ""):
        assert not is_date(text), text


@given(day=COURSE_DAYS)
def test_a_weekday_means_one_of_the_next_seven_days(day):
    assert read_date(weekday(day), today=TODAY) in {TODAY + timedelta(days=n) for n in range(7)}


@given(text=st.text(), today=st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_reading_never_fails(text, today):
    day, moment = read_date(text, today=today), read_time(text)
    assert day is None or type(day) is date
    assert moment is None or moment.tzinfo is None


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("diese Woche", date(2026, 11, 23), date(2026, 11, 29)),
        ("nächste Woche", date(2026, 11, 30), date(2026, 12, 6)),
        ("in der kommenden Woche", date(2026, 11, 30), date(2026, 12, 6)),
        ("letzter Woche", date(2026, 11, 16), date(2026, 11, 22)),
        ("Dezember", date(2026, 12, 1), date(2026, 12, 31)),
        ("im Feb", date(2027, 2, 1), date(2027, 2, 28)),
        ("November", date(2026, 11, 1), date(2026, 11, 30)),
        ("Februar 2028", date(2028, 2, 1), date(2028, 2, 29)),
    ],
)
def test_weeks_and_months(text, first, last):
    assert read_span(text, today=TODAY, first=FIRST, last=LAST) == (first, last)


def test_a_month_that_is_over_is_the_last_of_its_name():
    asked = {"today": date(2027, 2, 1), "first": FIRST, "last": LAST}
    assert read_span("November", **asked) == (date(2026, 11, 1), date(2026, 11, 30))


@pytest.mark.parametrize("text", ["Woche", "August", "Mai 2", "Dezember 99", "3. Dezember", ""])
def test_what_is_no_week_and_no_month_of_the_course(text):
    assert read_span(text, today=TODAY, first=FIRST, last=LAST) is None


@given(today=COURSE_DAYS)
def test_this_week_is_seven_days_around_today(today):
    monday, sunday = read_span("diese Woche", today=today, first=FIRST, last=LAST)
    assert (weekday(monday), weekday(sunday), (sunday - monday).days) == ("Mo", "So", 6)
    assert monday <= today <= sunday


@given(text=st.text(), today=COURSE_DAYS)
def test_reading_a_span_never_fails(text, today):
    found = read_span(text, today=today, first=FIRST, last=LAST)
    assert found is None or found[0] < found[1]


def test_reading_a_flood_never_fails():
    assert read_date("3." * 30_000, today=TODAY) is None
    assert read_time("1" * 60_000) is None


@pytest.mark.parametrize(
    "text",
    [
        "10 Uhr",
        "10:00",
        "10.00",
        "10h",
        "10 h",
        "10",
        "10 uhr",
        "10:00 Uhr",
        "10.00 Uhr",
        "um 10 Uhr",
        "ab 10",
        "10uhr",
        "１０:００",
    ],
)
def test_every_way_to_write_ten_o_clock(text):
    assert read_time(text) == time(10)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("10 Uhr 30", time(10, 30)),
        ("10h30", time(10, 30)),
        ("10:30", time(10, 30)),
        ("9.05", time(9, 5)),
        ("9", time(9)),
        ("0:00", time(0)),
        ("23:59", time(23, 59)),
    ],
)
def test_other_times(text, moment):
    assert read_time(text) == moment


@pytest.mark.parametrize(
    "text",
    ["", "24:00", "25", "10:60", "10:5", "halb elf", "3.12.", "-1", "100", "1030", "Uhr", "h"],
)
def test_what_is_no_time(text):
    assert read_time(text) is None


@given(moment=st.times())
def test_the_clock_is_read_back(moment):
    assert read_time(clock(moment)) == moment.replace(second=0, microsecond=0, fold=0)


@given(day=COURSE_DAYS, moment=st.times())
def test_a_winter_moment_keeps_its_clock(day, moment):
    shown = at(day, moment, BERLIN).astimezone(UTC).astimezone(BERLIN)
    assert (shown.date(), shown.time()) == (day, moment.replace(fold=0))


@given(moment=st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)))
def test_every_moment_exists_and_is_the_first_such(moment):
    planned = at(moment.date(), moment.time(), BERLIN)
    assert planned.astimezone(UTC).astimezone(BERLIN) == planned
    assert planned.fold == 0
    assert timedelta() <= planned.replace(tzinfo=None) - moment <= timedelta(hours=1)


def test_ten_o_clock_stays_ten_o_clock():
    before, after = date(2027, 3, 24), date(2027, 3, 31)
    assert at(before, time(10), BERLIN).astimezone(UTC) == datetime(2027, 3, 24, 9, tzinfo=UTC)
    assert at(after, time(10), BERLIN).astimezone(UTC) == datetime(2027, 3, 31, 8, tzinfo=UTC)


@pytest.mark.parametrize("skipped", [time(2), time(2, 0, 1), time(2, 30), time(2, 59, 59, 999)])
def test_a_skipped_time_is_the_first_minute_after(skipped):
    planned = at(date(2027, 3, 28), skipped, BERLIN)
    assert planned.astimezone(UTC) == datetime(2027, 3, 28, 1, tzinfo=UTC)
    assert planned.time() == time(3)


@pytest.mark.parametrize("doubled", [time(2, 30), time(2, 30, fold=1)])
def test_a_doubled_time_is_the_first_of_the_two(doubled):
    planned = at(date(2026, 10, 25), doubled, BERLIN)
    assert planned.astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_even_a_skipped_day_ends():
    """Samoa left out 30 December 2011 altogether."""
    planned = at(date(2011, 12, 30), time(10), ZoneInfo("Pacific/Apia"))
    assert planned.replace(tzinfo=None) == datetime(2011, 12, 31)
