"""A question to everybody as organisers type it: "Sie oder du? | Sie | du | bis Fr 12:00"; pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from storage import deadlines
from storage.models import Course, Poll
from storage.polls import QUESTION

MOST: Final = 20
"""As many answers as a native poll can have (MSC3381)."""

_UNTIL: Final = re.compile(r"bis\b.*", re.I)
_VOTES: Final = re.compile(r"(\d{1,3}) stimmen?", re.I)


@dataclass(frozen=True)
class Draft:
    """What is to be asked; `until` is what stands behind "bis", a moment if it makes sense."""

    question: str
    answers: tuple[str, ...]
    typed: str = ""
    until: datetime | None = None
    votes: int = 1
    disclosed: bool = False

    def fault(self, now: datetime) -> str | None:
        """Why it cannot be asked like this."""
        if not self.question:
            return "Es fehlt die Frage vor dem ersten Strich."
        if not 2 <= len(self.answers) <= MOST:
            return f"Eine Umfrage braucht 2 bis {MOST} Antworten (hier: {len(self.answers)})."
        if len({answer.casefold() for answer in self.answers}) < len(self.answers):
            return "Zwei Antworten sind gleich."
        if self.typed and self.until is None:
            return "Das Ende verstehe ich nicht, bitte so: bis Fr 12:00."
        if self.until and self.until <= now:
            return "Das Ende liegt in der Vergangenheit."
        if not 0 < self.votes <= len(self.answers):
            return f"Möglich sind 1 bis {len(self.answers)} Stimmen pro Person."
        return None

    def line(self, until: datetime) -> str:
        """How it is typed so that nothing is left open."""
        settings = [f"bis {until:%Y-%m-%d %H:%M}", f"{self.votes} Stimmen"]
        settings += ["offen"] if self.disclosed else []
        return " | ".join([self.question, *self.answers, *settings])

    def poll(self, course: Course, until: datetime, now: datetime) -> Poll:
        """The poll from now on; it gets its key when it is kept."""
        return Poll(
            course_id=course.id,
            key="",
            question=self.question,
            slots=[],
            votes_per_person=self.votes,
            opens=now,
            closes=until,
            interim_visible=self.disclosed,
            kind=QUESTION,
            choices=list(self.answers),
        )


def read(parts: Sequence[str], course: Course, now: datetime) -> Draft:
    """The question, the answers, and at the end what else is to hold, in any order.

    "offen" is an answer where there would be only one without it.
    """
    question, *answers = [part.strip() for part in parts]
    typed, votes, disclosed = "", 1, False
    while answers:
        rest = [answer for answer in answers[:-1] if not _UNTIL.fullmatch(answer)]
        if _UNTIL.fullmatch(answers[-1]):
            typed = answers.pop()
        elif found := _VOTES.fullmatch(answers[-1]):
            votes, _ = int(found[1]), answers.pop()
        elif answers[-1].casefold() == "offen" and len(rest) > 1:
            disclosed = bool(answers.pop())
        else:
            break
    until = deadlines.read(typed[len("bis") :], course, now) if typed else None
    return Draft(question, tuple(filter(None, answers)), typed, until, votes, disclosed)
