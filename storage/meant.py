"""Which date of the course somebody means: by number, kind, day or topic; pure."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from storage import calendar, folding
from storage.models import Course, Meeting

_NUMBER: Final = re.compile(
    r"^0*(\d{1,3})$|\b(?:w|webinars?|termins?|nr|nummer|woche) ?0*(\d{1,3})\b(?! \d)"
    r"|(?<!\d )\b0*(\d{1,3}) (?:webinar|termin)\b"
)
_KEY: Final = re.compile(r"[a-z] ?\d{1,3}")
_KIND: Final = re.compile(r"\b(auftakt\w*|kick ?off|abschluss\w*)\b(?: tag)? ?([1-9])?\b")
_TALK: Final = frozenset(
    "aktuelle aktuellen aufgabe aufgaben datei dateien finde findet folie folien handout"
    " hausaufgaben letzte letzten letztes liegen liegt link material materialien neue neuen"
    " neueste neuesten praesentation schon skript termin thema unterlage unterlagen video"
    " webinar webinars".split()
)


def headline(meeting: Meeting) -> str:
    """The topic without what follows a colon."""
    return meeting.topic.split(":")[0].strip() or meeting.topic.strip()


def among(dates: Sequence[Meeting], course: Course, text: str, today: date) -> Sequence[Meeting]:
    """The dates meant, in order; [] if it fits nothing.

    By key or number ("w5", "5", "Webinar 5"), week or month ("nächste Woche", "Dezember"), kind
    ("Auftakt 2"), day ("gestern", "25.11."), or a part of the topic, mistyped or not ("angebot").
    The text may be a whole sentence.
    """
    said = " ".join(folding.key_words(text))
    keyed = [m for m in dates if not said.isdecimal() and _joined(m.key) == _joined(text)]
    if keyed:
        return keyed
    if numbered := _NUMBER.search(said):
        number = int(next(filter(None, numbered.groups())))
        return [m for m in dates if m.number == number]
    span = calendar.read_span(text, today=today, first=course.begins, last=course.ends)
    if span is not None:
        return [m for m in dates if span[0] <= m.day <= span[1]]
    return _of_kind(dates, said) or _on_day(dates, course, text, today) or _about(dates, said)


def says_which(text: str) -> str:
    """The words by which a date could be meant; empty if only materials are spoken of."""
    return " ".join(word for word in folding.key_words(text) if word not in _TALK)


def is_named(text: str) -> bool:
    """Whether a number, a date or a weekday is said, so that not just any date can be meant."""
    said = " ".join(folding.key_words(text))
    keyed = _NUMBER.search(said) or _KEY.fullmatch(said)
    return keyed is not None or any(map(calendar.is_date, _phrases(text)))


def _joined(text: str) -> str:
    return folding.fold_words(text).replace(" ", "")


def _of_kind(dates: Sequence[Meeting], said: str) -> list[Meeting]:
    """A kind of date, or which of them: "auftakt", "abschluss tag 2"."""
    found = _KIND.search(said)
    if found is None:
        return []
    kind = "abschluss" if found[1].startswith("abschluss") else "auftakt"
    of_kind = [m for m in dates if m.kind == kind]
    return of_kind[int(found[2]) - 1 :][:1] if found[2] else of_kind


def _on_day(dates: Sequence[Meeting], course: Course, text: str, today: date) -> list[Meeting]:
    for said in _phrases(text):
        day = calendar.read_date(said, today=today, first=course.begins, last=course.ends)
        if day is not None:
            return [m for m in dates if m.day == day]
        if calendar.is_date(said):
            return []
    return []


def _phrases(text: str) -> Iterator[str]:
    """The text, then every run of up to three words in it: a date may stand in a sentence.

    Not a lone "so" or "mi": in a sentence they are hardly ever weekdays.
    """
    words = text[:300].split()[:40]
    yield text
    for size in (3, 2, 1):
        for start in range(len(words) - size + 1):
            if size > 1 or len(words[start].rstrip(".,?!")) > 2:
                yield " ".join(words[start : start + size])


def _about(dates: Sequence[Meeting], said: str) -> list[Meeting]:
    said = says_which(said) or said
    named: dict[str, list[Meeting]] = {}
    for meeting in dates:
        for known in {folding.fold_words(meeting.topic), folding.fold_words(headline(meeting))}:
            named.setdefault(known, []).append(meeting)
    return sorted(folding.look_up(said, named), key=lambda m: (m.day, m.starts))
