"""The demo works at any time of any day: its times can always be written into a valid course."""

import tomllib
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.demo.course import SAMPLE, Times, calm, times, written

BERLIN = ZoneInfo("Europe/Berlin")
SECONDS = (timedelta(seconds=11), timedelta(seconds=21), timedelta(seconds=33))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def course(when: Times) -> dict:
    return tomllib.loads(written(SAMPLE.read_text(encoding="utf-8"), when))


@pytest.mark.parametrize(
    ("now", "zone", "starts"),
    [
        ("2026-11-23 10:31:07.5", "Europe/Berlin", "2026-11-23 10:46:28"),
        ("2026-11-29 21:59:59", "Europe/Berlin", "2026-11-29 22:15:20"),  # a Sunday
        ("2026-11-29 23:50:00", "America/Sao_Paulo", "2026-11-29 20:05:21"),
        ("2026-11-24 23:58:00", "America/Sao_Paulo", "2026-11-24 20:13:21"),
        ("2026-11-24 00:00:00", "Europe/Berlin", "2026-11-24 00:15:21"),
        ("2026-07-14 22:00:00", "Atlantic/Reykjavik", "2026-07-14 20:15:21"),
        ("2026-10-25 02:30:00", "Atlantic/Reykjavik", "2026-10-25 00:45:21"),
        ("2026-10-25 12:00:00", "Atlantic/Reykjavik", "2026-10-25 11:15:21"),
        ("2027-03-28 01:58:00", "Atlantic/Reykjavik", "2027-03-28 01:13:21"),
        ("2026-12-24 09:00:00", "Europe/Berlin", "2026-12-24 09:15:21"),
        ("2028-02-29 09:00:00", "Europe/Berlin", "2028-02-29 09:15:21"),
    ],
)
def test_the_webinar_starts_today_where_the_day_is_ordinary(
    now: str, zone: str, starts: str
) -> None:
    when = times(local(now), BERLIN)
    assert (when.zone.key, f"{when.starts:%Y-%m-%d %H:%M:%S}") == (zone, starts)


def test_an_ordinary_zone_is_found_in_every_minute() -> None:
    for first in (date(2026, 10, 23), date(2027, 3, 26), date(2027, 7, 1)):
        begin = datetime.combine(first, time(), UTC)
        for minute in range(4 * 24 * 60):
            now = begin + timedelta(minutes=minute)
            when = times(now, BERLIN)
            assert calm(now, when.zone)
            assert (when.opens - now, when.reminds - now, when.closes - now) <= SECONDS
            assert when.starts.date() == now.astimezone(when.zone).date()


@pytest.mark.parametrize(
    "now", ["2026-11-23 10:00", "2026-11-29 23:58", "2027-03-28 01:58", "2026-10-25 02:30"]
)
def test_the_course_is_in_its_fourth_week_and_the_other_dates_keep_their_distance(now: str) -> None:
    when = times(local(now), BERLIN)
    file = course(when)
    assert file["kurs"]["zeitzone"] == when.zone.key
    begins = file["kurs"]["beginn"]
    assert begins.weekday() == 0
    assert 21 <= (when.starts.date() - begins).days <= 27
    days = {meeting["id"]: (meeting["datum"] - begins).days for meeting in file["termin"]}
    assert days.pop("w3") == (when.starts.date() - begins).days
    original = tomllib.loads(SAMPLE.read_text(encoding="utf-8"))
    old = {m["id"]: (m["datum"] - date(2026, 11, 2)).days for m in original["termin"]}
    assert days == {key: distance for key, distance in old.items() if key != "w3"}
    assert (file["pause"][0]["von"] - begins).days == 49


def test_webinar_and_poll_are_written_in_local_time() -> None:
    when = times(local("2026-11-23 10:31:07"), BERLIN)
    file = course(when)
    webinar = next(meeting for meeting in file["termin"] if meeting["id"] == "w3")
    assert (webinar["datum"], webinar["beginn"], webinar["ende"], webinar["aufgabe_bis"]) == (
        date(2026, 11, 23),
        time(10, 46, 28),
        time(12, 16, 28),
        datetime(2026, 11, 23, 9, 46, 28),
    )
    poll = file["wahl"]
    assert (poll["offen_ab"], poll["schluss"]) == (
        datetime(2026, 11, 23, 10, 31, 18),
        datetime(2026, 11, 23, 10, 31, 40),
    )
    assert (poll["erinnerung_an_nichtwaehler"], poll["mindestbeteiligung"]) == ([], 3)


def test_nothing_but_dates_and_the_named_values_changes() -> None:
    before = SAMPLE.read_text(encoding="utf-8").splitlines()
    after = written("\n".join(before) + "\n", times(local("2026-11-23 10:31:07"), BERLIN))
    differing = [old for old, new in zip(before, after.splitlines(), strict=True) if old != new]
    assert len(differing) == 8
