"""Check-in is open as long in the nights of the clock change as on any other day."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from storage import checkin
from storage.checkin import MINUTE
from tests.storage.test_timetable import make_course, make_meeting, make_rule, planned, table

GLEICH = make_rule(
    "gleich", "ankuendigungen", minutes=-15, checkin_from=-10, checkin_until=30, until_start=True
)
SPRING, AUTUMN = date(2027, 3, 28), date(2026, 10, 25)


@pytest.mark.parametrize(
    ("day", "starts", "opens", "closes"),
    [
        (date(2026, 11, 25), time(10), "25.11. 09:50+0100", "25.11. 10:30+0100"),
        (SPRING, time(10), "28.03. 09:50+0200", "28.03. 10:30+0200"),
        (SPRING, time(3), "28.03. 01:50+0100", "28.03. 03:30+0200"),
        (SPRING, time(1, 45), "28.03. 01:35+0100", "28.03. 03:15+0200"),
        (SPRING, time(2, 30), "28.03. 01:50+0100", "28.03. 03:30+0200"),
        (AUTUMN, time(10), "25.10. 09:50+0100", "25.10. 10:30+0100"),
        (AUTUMN, time(2, 45), "25.10. 02:35+0200", "25.10. 02:15+0100"),
        (AUTUMN, time(3), "25.10. 02:50+0100", "25.10. 03:30+0100"),
        (AUTUMN, time(0, 5), "24.10. 23:55+0200", "25.10. 00:35+0200"),
    ],
)
def test_the_window_across_both_clock_changes(day, starts, opens, closes):
    found = checkin.window(make_course(), GLEICH, make_meeting(day, starts=starts, ends=time(23)))
    shown = [f"{moment:%d.%m. %H:%M%z}" for moment in (found.opens, found.closes)]
    assert shown == [opens, closes]
    first, last = found.opens.astimezone(UTC), found.closes.astimezone(UTC)
    assert last - first == 40 * MINUTE
    for moment, inside in (
        (first - timedelta(seconds=1), False),
        (first, True),
        (last, True),
        (last + timedelta(seconds=59), True),
        (last + MINUTE, False),
    ):
        assert found.holds(moment) is inside
        assert found.holds(moment.astimezone(make_course().zone)) is inside


@pytest.mark.parametrize(
    ("clock", "units"),
    [("10:00", 2), ("10:22", 2), ("10:23", 1), ("10:45", 1), ("11:29", 1)],
)
def test_who_comes_late_gets_the_rest(clock, units):
    meeting = make_meeting(date(2026, 11, 25))
    moment = datetime.fromisoformat(f"2026-11-25T{clock}+01:00")
    assert checkin.late_units(make_course(), meeting, moment) == units


def test_what_comes_with_check_in():
    assert table(planned([make_meeting(date(2026, 11, 25))], [GLEICH])) == [
        ("anwesenheit_knapp", "24.11. 17:00", "25.11. 10:00"),
        ("gleich", "25.11. 09:45", "25.11. 10:00"),
        ("checkin", "25.11. 10:35", "26.11. 10:35"),
        ("checkin_fehlt", "25.11. 12:00", "26.11. 12:00"),
    ]


def test_nobody_is_asked_at_night():
    evening = make_meeting(date(2026, 11, 27), starts=time(17), ends=time(18, 30))
    asked = [p for p in planned([evening], [GLEICH]) if p.schedule == "checkin_fehlt"]
    assert table(asked) == [("checkin_fehlt", "30.11. 07:30", "01.12. 07:30")]
