"""The course of the demo: the sample course, moved so that today something happens in it; pure.

All its dates move by whole weeks until today lies in its fourth week. The webinar of that week and
the poll move on to the minutes of the demo; quiet hours hold back neither. A webinar over midnight
could not be written down, and what clocks show is skipped or doubled when they change: where one of
these is near, the course takes place in another zone, where it is an ordinary part of the day.
"""

import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from storage.course_files import course_file

SAMPLE = Path(__file__).parent.with_name("sample_course.toml")
WEEKS_DONE = 3
OPENS, REMINDS, CLOSES = (timedelta(seconds=seconds) for seconds in (10, 20, 32))
AHEAD = timedelta(minutes=15)  # the rule `gleich` of the course
LENGTH = timedelta(minutes=90)
CALM = timedelta(hours=2)
# No clock changes in either. Reykjavik's last two hours are 19:00 to 21:00 in São Paulo.
ELSEWHERE = ("Atlantic/Reykjavik", "America/Sao_Paulo")


@dataclass(frozen=True)
class Times:
    """When the clock speaks in the demo: full seconds in the zone of its course."""

    zone: ZoneInfo
    opens: datetime
    reminds: datetime
    closes: datetime

    @property
    def starts(self) -> datetime:
        """When the webinar would start."""
        return self.reminds + AHEAD


def times(bot_starts: datetime, home: ZoneInfo) -> Times:
    """The times of a demo whose bot starts at this moment; the zone is `home` where that works."""
    zone = next(zone for zone in (home, *map(ZoneInfo, ELSEWHERE)) if calm(bot_starts, zone))
    start = (bot_starts + timedelta(seconds=1)).astimezone(zone).replace(microsecond=0)
    return Times(zone, start + OPENS, start + REMINDS, start + CLOSES)


def calm(moment: datetime, zone: ZoneInfo) -> bool:
    """Whether the day goes on for two hours, and no clock changes within a day of the moment."""
    local, later = (m.astimezone(zone) for m in (moment, moment.astimezone(UTC) + CALM))
    day = timedelta(days=1)
    offsets = {(moment.astimezone(UTC) + d).astimezone(zone).utcoffset() for d in (-day, day)}
    return local.date() == later.date() and len(offsets) == 1


def written(sample: str, when: Times) -> str:
    """The course file of the demo, made from the sample's."""
    begins: date = tomllib.loads(sample)["kurs"]["beginn"]
    weeks = (monday(when.starts.date()) - monday(begins)).days // 7 - WEEKS_DONE
    text = changed(course_file.shift(sample, weeks), "[kurs]", zeitzone=f'"{when.zone.key}"')
    text = changed(
        text,
        '[[termin]]\nid = "w3"',
        datum=f"{when.starts:%Y-%m-%d}",
        beginn=f"{when.starts:%H:%M:%S}",
        ende=f"{when.starts + LENGTH:%H:%M:%S}",
        aufgabe_bis=f"{when.starts - timedelta(hours=1):%Y-%m-%dT%H:%M:%S}",
    )
    return changed(
        text,
        "[wahl]",
        offen_ab=f"{when.opens:%Y-%m-%dT%H:%M:%S}",
        schluss=f"{when.closes:%Y-%m-%dT%H:%M:%S}",
        erinnerung_an_nichtwaehler="[]",
        mindestbeteiligung="3",
    )


def monday(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


def changed(text: str, block: str, **values: str) -> str:
    """The file with other values for keys in the table that begins like this."""
    start = text.index(f"{block}\n")
    end = text.index("\n[", start + len(block))
    table = text[start:end]
    for key, value in values.items():
        table, count = re.subn(rf"(?m)^{key} = .*$", f"{key} = {value}", table)
        assert count == 1, key
    return text[:start] + table + text[end:]
