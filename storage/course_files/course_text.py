"""A course as the file from which it could be imported, without anything about its people."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from storage.models import (
    Base,
    Break,
    Course,
    Group,
    Holiday,
    Meeting,
    Organiser,
    Poll,
    Room,
    Rule,
    Speaker,
    Topic,
)

Table = Mapping[str, Any]
Row = TypeVar("Row", bound=Base)

_WEEKDAYS: Final = ("mo", "di", "mi", "do", "fr", "sa", "so")


def written(course: Course, rows: Sequence[Base], remarks: Iterable[str]) -> str:
    """The file as TOML, the remarks as comments above; importing it changes nothing."""
    lines = [*(f"# {' '.join(remark.split())}" for remark in remarks), "schema = 1"]
    for name, table in _single(course, rows).items():
        lines += _section(f"[{name}]", table)
    for name, tables in _several(course, rows).items():
        for table in tables:
            lines += _section(f"[[{name}]]", table)
    return "\n".join(lines) + "\n"


def _section(head: str, table: Table) -> Iterator[str]:
    given = {key: value for key, value in table.items() if value not in (None, "", [], {})}
    if given:
        yield f"\n{head}"
        yield from (f"{key} = {_value(value)}" for key, value in given.items())


def _value(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case datetime() | date() | time():
            return value.isoformat()
        case list():
            return f"[{', '.join(map(_value, value))}]"
        case dict():
            inner = ", ".join(f"{key} = {_value(one)}" for key, one in value.items() if one != "")
            return f"{{ {inner} }}"
    return json.dumps(value, ensure_ascii=False)


def _local(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    return moment and moment.astimezone(zone).replace(tzinfo=None)


def _of(rows: Sequence[Base], table: type[Row]) -> list[Row]:
    return [row for row in rows if isinstance(row, table)]


def _single(course: Course, rows: Sequence[Base]) -> dict[str, Table]:
    polls = _of(rows, Poll)
    return {
        "kurs": {
            "id": course.key,
            "titel": course.title,
            "kurztitel": course.short_title,
            "zeitzone": course.timezone,
            "beginn": course.begins,
            "ende": course.ends,
            "aufzeichnung": course.recording,
            "offen_wochen_nach_ende": course.open_weeks,
        },
        "anrede": {"form": course.form, "gender": course.gender},
        "nachweis": {
            "ue_minuten": course.lesson_minutes,
            "quote_prozent": course.quota_percent,
            "leistungsnachweis": course.proof,
        },
        "datenschutz": {
            "verantwortlich": course.controller,
            "hinweis_url": course.privacy_url,
            "einzelstimmen_tage": course.votes_kept_days,
            "protokoll_tage": course.log_kept_days,
            "feedback_tage_nach_ende": course.feedback_kept_days,
            "anwesenheit_monate_nach_ende": course.attendance_kept_months,
            "feedback_mindestzahl": course.feedback_minimum,
        },
        "ruhezeiten": {
            "von": course.quiet_from,
            "bis": course.quiet_until,
            "wochenende": course.quiet_weekend,
        },
        "raeume": {room.kind: room.address for room in _of(rows, Room)},
        "admin": {"mxids": [organiser.mxid for organiser in _of(rows, Organiser)]},
        "projektarbeit": {
            "ue_selbst": course.project_units,
            "abgabe": _local(course.project_due, course.zone),
            "praesentation_minuten": course.presentation_minutes,
        },
        "wahl": _poll(polls[0], course.zone) if polls else {},
    }


def _several(course: Course, rows: Sequence[Base]) -> dict[str, list[Table]]:
    return {
        "referent": [{"id": row.key, "rolle": row.role} for row in _of(rows, Speaker)],
        "termin": [_meeting(row, course.zone) for row in _of(rows, Meeting)],
        "pause": [
            {"name": row.name, "von": row.first, "bis": row.last} for row in _of(rows, Break)
        ],
        "feiertag": [
            {"datum": row.day, "name": row.name, "laender": row.states}
            for row in _of(rows, Holiday)
        ],
        "wahlthema": [
            {
                **{"id": row.key, "nummer": row.number, "titel": row.title},
                **{"kurz": row.short, "referent": row.speaker},
            }
            for row in _of(rows, Topic)
        ],
        "projektgruppe": [{"nummer": row.number, "thema": row.topic} for row in _of(rows, Group)],
        "regel": [_rule(row) for row in _of(rows, Rule)],
    }


def _meeting(row: Meeting, zone: ZoneInfo) -> Table:
    return {
        "id": row.key,
        "art": row.kind,
        "nummer": row.number,
        "datum": row.day,
        "beginn": row.starts,
        "ende": row.ends,
        "pausen_minuten": row.break_minutes,
        "ue": row.units,
        "thema": row.topic,
        "wahlplatz": row.slot,
        "referenten": row.speakers,
        "impuls": row.prompt,
        "aufgabe": row.task,
        "aufgabe_bis": _local(row.task_due, zone),
        "pflicht": row.mandatory,
    }


def _poll(row: Poll, zone: ZoneInfo) -> Table:
    reminders = [_local(datetime.fromisoformat(text), zone) for text in row.reminders]
    return {
        "id": row.key,
        "frage": row.question,
        "plaetze": row.slots,
        "verfahren": row.procedure,
        "stimmen_pro_person": row.votes_per_person,
        "offen_ab": _local(row.opens, zone),
        "schluss": _local(row.closes, zone),
        "erinnerung_an_nichtwaehler": reminders,
        "zwischenstand_sichtbar": row.interim_visible,
        "gleichstand": row.tie,
        "mindestbeteiligung": row.minimum,
        "referent_bestaetigt_bis": row.confirm_by,
    }


def _rule(row: Rule) -> Table:
    return {
        "id": row.key,
        "raum": row.room,
        "art": "text" if row.push else "notice",
        "wochentag": None if row.weekday is None else _WEEKDAYS[row.weekday],
        "relativ_tage": row.days,
        "uhr": row.clock,
        "relativ_minuten": row.minutes,
        "relativ_ende_minuten": row.minutes_after_end,
        "ausloeser": row.trigger,
        "verfaellt_bei_beginn": row.until_start,
        "checkin_von_minuten": row.checkin_from,
        "checkin_bis_minuten": row.checkin_until,
    }
