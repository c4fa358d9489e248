"""When the bot speaks unasked: from the course and its rules to moments; pure.

Days and times are local, so 10:00 stays 10:00 over a clock change. What can wait is moved out of
quiet hours and breaks; what is worth nothing any more by then is not said at all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final

from storage import calendar, checkin, joined, silence
from storage.models import Break, Course, Meeting, Poll, Rule
from storage.replies import DIRECT, INFO, ORGA, TALK

WEBINARS_ONLY: Final = frozenset(
    {"impuls", "mappe", "feedback", "material_fehlt", "wochenrueckblick", "tandem"}
)
OPENING, REMINDING, CLOSING = "wahl_oeffnet", "wahl_erinnert", "wahl_schliesst"
ABOUT_POLLS: Final = (OPENING, REMINDING, CLOSING)
FEEDBACK, SUMMARY, PERSONAL = "feedback", "feedback_auswertung", "erinnerung"
FAREWELL: Final = "alumni"
WHISPERED: Final = frozenset({REMINDING, "tandem", "tandem_frage"})
"""Nothing of these is seen in their room."""

USUAL: Final = timedelta(hours=1)  # before a meeting, for who does not want another time
NEVER: Final = timedelta(days=3650)  # a result is wanted however late
SETTLING: Final = timedelta(seconds=1)  # so that votes of the last second have arrived
DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(weeks=1)
FRIDAY = 4
NINE: Final = time(9)
GATHERING_WEEKS: Final = 3  # invitations go out two or three weeks before (product D.1)


@dataclass(frozen=True)
class Planned:
    """One strike of a schedule; all moments are in the zone of the course.

    `anchor` is the moment it is about: the start of its meeting, the end of its poll. `lead` is
    how long before it people want to be reminded, in minutes.
    """

    cause: str
    schedule: str
    subject: str
    room: str
    push: bool
    anchor: datetime
    due: datetime
    expires: datetime
    lead: int = 0


@dataclass(frozen=True)
class Timetable:
    """The course as far as the clock is concerned; `leads` as in `Reminder`, each once.

    Of alumni there is to be said something if they have a room. There may be `people` who have to
    find the rooms of the course before it begins.
    """

    course: Course
    rules: Sequence[Rule]
    meetings: Sequence[Meeting]
    breaks: Sequence[Break]
    polls: Sequence[Poll]
    leads: Sequence[int] = ()
    alumni: bool = False
    people: bool = False

    def planned(self) -> list[Planned]:
        """Every strike of the course, the earliest due first."""
        found = [*self._by_rules(), *self._by_checkin(), *self._by_polls()]
        found += [*self._summaries(), *self._personal(), *self._gathering(), *self._farewell()]
        return sorted(found, key=lambda planned: (planned.due, planned.cause))

    def _by_rules(self) -> Iterator[Planned]:
        for rule in self.rules:
            if rule.trigger is None and schedule_of(rule) not in ABOUT_POLLS:
                for meeting in self._concerned(rule):
                    wished = wish(self.course, rule, meeting)
                    if moments := self._moments(rule, meeting, wished):
                        yield self._strike(rule, meeting, wished, moments)

    def _concerned(self, rule: Rule) -> list[Meeting]:
        """The meetings a rule speaks about; those on a weekday once a week, of the first."""
        kinds = (
            {"webinar"} if schedule_of(rule) in WEBINARS_ONLY else {m.kind for m in self.meetings}
        )
        held = [m for m in self.meetings if not m.cancelled and m.kind in kinds]
        held.sort(key=self.course.starts)
        if rule.weekday is None:
            return held
        first = {monday(meeting.day): meeting for meeting in reversed(held)}
        return list(first.values())

    def _strike(
        self, rule: Rule, meeting: Meeting, wished: datetime, moments: tuple[datetime, datetime]
    ) -> Planned:
        """Its cause has the wished time: what quiet hours and breaks do to it makes no new one."""
        week = f"{meeting.day:%G-W%V}"
        name, key = schedule_of(rule), meeting.key if rule.weekday is None else week
        return Planned(
            cause=f"{name}/{self.course.key}/{key}/{wished:%Y-%m-%dT%H:%M}",
            schedule=name,
            subject=meeting.key,
            room=rule.room,
            push=rule.push,
            anchor=self.course.starts(meeting),
            due=moments[0],
            expires=moments[1],
        )

    def _moments(
        self, rule: Rule, meeting: Meeting, wished: datetime
    ) -> tuple[datetime, datetime] | None:
        """When it is due and until when it is useful; None if a break leaves no time for it."""
        due, rested = wished, silence.after_quiet(self.course, wished)
        if rule.minutes is None and rested < self._useful_until(rule, meeting, wished, rested):
            due = rested
        expires = self._useful_until(rule, meeting, wished, due)
        due = silence.after_breaks(self.course, self.breaks, due)
        return (due, expires) if due < expires else None

    def _useful_until(
        self, rule: Rule, meeting: Meeting, wished: datetime, due: datetime
    ) -> datetime:
        """News of a meeting until it starts, else for a day, a week's until its Sunday is over."""
        start, zone = self.course.starts(meeting), self.course.zone
        if wished < start:
            return start
        if rule.weekday is not None:
            return calendar.at(monday(meeting.day) + timedelta(weeks=1), time(), zone)
        until = calendar.later(due, DAY)
        if schedule_of(rule) == FEEDBACK:
            return max(until, feedback_until(self.course, meeting))
        return until

    def _summaries(self) -> Iterator[Planned]:
        """Where people are asked how it was, organisers hear of it as soon as all is said."""
        for rule in (rule for rule in self.rules if schedule_of(rule) == FEEDBACK):
            for meeting in self._concerned(rule):
                until = feedback_until(self.course, meeting)
                due = silence.after_quiet(self.course, calendar.later(until, SETTLING))
                due = silence.after_breaks(self.course, self.breaks, due)
                yield self._about(meeting, SUMMARY, ORGA, until, (due, calendar.later(due, WEEK)))

    def _personal(self) -> Iterator[Planned]:
        """What somebody has chosen to the minute may come at night, the usual reminder may not."""
        for meeting in (meeting for meeting in self.meetings if not meeting.cancelled):
            start = self.course.starts(meeting)
            for lead in self.leads:
                wished = calendar.later(start, -timedelta(minutes=lead) if lead else -USUAL)
                rested = wished if lead else silence.after_quiet(self.course, wished)
                due = rested if rested < start else wished
                planned = self._about(meeting, PERSONAL, DIRECT, wished, (due, start))
                yield replace(planned, push=True, lead=lead, cause=f"{planned.cause}/{lead}")

    def _gathering(self) -> Iterator[Planned]:
        """In the weeks before the start, organisers hear who is not in the rooms yet."""
        start, zone = self.course.begins, self.course.zone
        anchor = calendar.at(start, NINE, zone)
        for week in range(GATHERING_WEEKS if self.people else 0, 0, -1):
            due = silence.after_quiet(self.course, calendar.at(start - week * WEEK, NINE, zone))
            cause = f"{joined.SCHEDULE}/{self.course.key}/{start - week * WEEK}"
            subject, expires = f"woche-{week}", calendar.later(due, DAY)
            yield Planned(cause, joined.SCHEDULE, subject, ORGA, False, anchor, due, expires)

    def _farewell(self) -> Iterator[Planned]:
        """After the last regular meeting, people are asked whether they want to stay in touch."""
        held = [m for m in self.meetings if not m.cancelled and m.kind != "termin"]
        if self.alumni and held:
            last = max(held, key=self.course.starts)
            wished = calendar.later(self.course.ends_at(last), 2 * USUAL)
            due = silence.after_quiet(self.course, wished)
            moments = (due, calendar.later(due, WEEK))
            yield replace(self._about(last, FAREWELL, INFO, wished, moments), push=True)

    def _about(
        self,
        meeting: Meeting,
        schedule: str,
        room: str,
        wished: datetime,
        moments: tuple[datetime, datetime],
    ) -> Planned:
        """A strike about a meeting that no rule names; when it is due and when it expires."""
        cause = f"{schedule}/{self.course.key}/{meeting.key}/{wished:%Y-%m-%dT%H:%M}"
        anchor, (due, expires) = self.course.starts(meeting), moments
        return Planned(cause, schedule, meeting.key, room, False, anchor, due, expires)

    def _by_checkin(self) -> Iterator[Planned]:
        """What comes with check-in."""
        rule = next(filter(checkin.opened_by, self.rules), None)
        if rule is None:
            return
        for meeting in self._concerned(rule):
            for name, wished in checkin.strikes(self.course, rule, meeting):
                if moments := self._waited(meeting, wished):
                    planned = self._about(meeting, name, ORGA, wished, moments)
                    yield replace(planned, push=name == checkin.SHORT)

    def _waited(self, meeting: Meeting, wished: datetime) -> tuple[datetime, datetime] | None:
        """As soon as people work, while it is of use: until the start, or for a day."""
        start, rested = self.course.starts(meeting), silence.after_quiet(self.course, wished)
        expires = start if wished < start else calendar.later(rested, DAY)
        due = silence.after_breaks(self.course, self.breaks, rested)
        return (due, expires) if due < expires else None

    def _by_polls(self) -> Iterator[Planned]:
        """An organiser has set these to the minute: neither quiet hours nor breaks move them.

        Only reminders keep quiet; such a one is about the moment itself, and useful that day.
        """
        for poll in self.polls:
            opens = self.course.local(poll.reopened or poll.opens)
            closes = self.course.local(poll.closes)
            if poll.closes < poll.opens:
                continue
            yield self._of(poll, OPENING, opens, (closes, opens, closes))
            settled, never = calendar.later(closes, SETTLING), calendar.later(closes, NEVER)
            yield self._of(poll, CLOSING, closes, (closes, settled, never))
            wishes = [self.course.local(datetime.fromisoformat(text)) for text in poll.reminders]
            for due, wished in {silence.after_quiet(self.course, w): w for w in wishes}.items():
                until = min(silence.next_quiet(self.course, due), closes)
                if opens <= due < until:
                    yield self._of(poll, REMINDING, wished, (due, due, until))

    def _of(
        self, poll: Poll, schedule: str, wished: datetime, moments: tuple[datetime, ...]
    ) -> Planned:
        """A strike about a poll; the moments are its anchor, when it is due and when it expires."""
        seconds = f":{wished:%S}" if wished.second else ""
        cause = f"{schedule}/{self.course.key}/{poll.key}/{wished:%Y-%m-%dT%H:%M}{seconds}"
        anchor, due, expires = moments
        return Planned(cause, schedule, poll.key, TALK, True, anchor, due, expires)


def schedule_of(rule: Rule) -> str:
    """The schedule that a rule names: organisers write hyphens."""
    return rule.key.replace("-", "_")


def speaks_for(rule: Rule, schedule: str) -> bool:
    """Whether this schedule speaks because of the rule."""
    with_checkin = schedule in (checkin.LISTED, checkin.ASKED, checkin.SHORT)
    return checkin.opened_by(rule) if with_checkin else schedule_of(rule) == schedule


def monday(day: date) -> date:
    """The first day of its calendar week."""
    return day - timedelta(days=day.weekday())


def feedback_until(course: Course, meeting: Meeting) -> datetime:
    """Until when people may say how it was: Friday noon (product D.3), at least for a day."""
    friday = calendar.at(monday(meeting.day) + FRIDAY * DAY, time(12), course.zone)
    return max(friday, calendar.later(course.ends_at(meeting), DAY))


def wish(course: Course, rule: Rule, meeting: Meeting) -> datetime:
    """When the rule wants to speak about the meeting, quiet or not."""
    if rule.minutes is not None:
        return calendar.later(course.starts(meeting), timedelta(minutes=rule.minutes))
    if rule.minutes_after_end is not None:
        return calendar.later(course.ends_at(meeting), timedelta(minutes=rule.minutes_after_end))
    if rule.weekday is not None:
        day = monday(meeting.day) + timedelta(days=rule.weekday)
    else:
        day = meeting.day + timedelta(days=rule.days or 0)
    return calendar.at(day, rule.clock or time(), course.zone)
