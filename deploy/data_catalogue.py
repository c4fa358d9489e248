"""`make catalogue`: write into DATENSCHUTZ.md what storage/catalogue.py says about every column."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from storage.catalogue import CATALOGUE, Entry, Kept, kinds, personal
from storage.course_files.course_schema import Datenschutz
from storage.models import Course

PAGE: Final = Path(__file__).with_name("DATENSCHUTZ.md")

END: Final = "<!-- katalog: ende -->"

KEYS: Final = {
    "votes_kept_days": "einzelstimmen_tage",
    "log_kept_days": "protokoll_tage",
    "feedback_kept_days": "feedback_tage_nach_ende",
    "attendance_kept_months": "anwesenheit_monate_nach_ende",
}
"""Where a period is set: the column of a course, and the key in `[datenschutz]` of its file."""


def usual() -> Course:
    """A course whose file says nothing about periods."""
    said, day = Datenschutz(), date(2026, 1, 1)
    return Course(
        key="",
        title="",
        short_title="",
        timezone="UTC",
        begins=day,
        ends=day,
        imported_at=datetime(2026, 1, 1, tzinfo=UTC),
        votes_kept_days=said.einzelstimmen_tage,
        log_kept_days=said.protokoll_tage,
        feedback_kept_days=said.feedback_tage_nach_ende,
        attendance_kept_months=said.anwesenheit_monate_nach_ende,
    )


def people(course: Course) -> list[str]:
    """One line for each part of the data about people."""
    head = [
        "| Was | Wozu | Tabelle: Felder | Frist | mit `!loeschen` | in `!meinedaten` |",
        "|---|---|---|---|---|---|",
    ]
    return head + [
        f"| {one.what} | {one.why} | {fields([one])} | {one.kept.told(course)} "
        f"| {one.erased.value} | {'ja' if one.shown else 'nein'} |"
        for one in personal()
    ]


def others(course: Course) -> list[str]:
    """One line for each purpose of what is not about participants."""
    rest = [one for one in CATALOGUE if one not in personal()]
    return ["| Was | Tabelle: Felder | Frist |", "|---|---|---|"] + [
        f"| {one.what}: {one.why} | {fields([one])} | {one.kept.told(course)} |" for one in rest
    ]


def periods(course: Course) -> list[str]:
    """One line for each period, and where it is set."""
    head = ["| Frist | Was | Einstellung |", "|---|---|---|"]
    every = list(dict.fromkeys(one.kept for one in personal()))
    return head + [
        f"| {kept.told(course)} | {', '.join(kinds(o for o in personal() if o.kept == kept))} "
        f"| {_setting(kept)} |"
        for kept in every
    ]


def fields(entries: Iterable[Entry]) -> str:
    """Tables with their columns."""
    return "; ".join(f"`{one.table}`: {', '.join(one.columns.split())}" for one in entries)


def _setting(kept: Kept) -> str:
    return f"`{KEYS[kept.setting]}`" if kept.setting else "fest"


def written(page: str) -> str:
    """The page with fresh tables between its marks."""
    course = usual()
    tables = {"personen": people(course), "rest": others(course), "fristen": periods(course)}
    for name, lines in tables.items():
        before, mark, rest = page.partition(f"<!-- katalog: {name} -->")
        after = rest.partition(END)[2]
        page = "\n".join([before + mark, "", *lines, "", END + after])
    return page


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
