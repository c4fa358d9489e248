"""How much of the bot's time one person may take, and who is no person; before any work is done."""

from collections import OrderedDict, deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TypeVar

from bot.incoming import Emoji, Message, Sealed, Unreadable

NOW = timedelta()
SECOND = timedelta(seconds=1)
MOMENT = timedelta(seconds=10)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
PAST = timedelta(minutes=10)
NEVER = datetime.min.replace(tzinfo=UTC)

REFLEXES = 5
"""As often in a row, what comes within a second after our answer makes its sender a bot."""

QUICK = 5
"""Shorter texts are typed in no time, and prove nothing: 1, ja, mehr."""

REMEMBERED = 10_000
"""As many people and messages as are kept in mind; the oldest are forgotten first."""

Judged = Message | Emoji | Sealed | Unreadable

K = TypeVar("K")
V = TypeVar("V")


class Verdict(Enum):
    """What becomes of a message."""

    ANSWER = "answer it"
    SLOW_DOWN = "say that it was too much, and nothing more for a minute"
    BOT = "say that this looks like a bot, and nothing more for an hour"
    IGNORE = "say nothing"


@dataclass
class _Case:
    """A message, what was decided about it, and when its answer could be read."""

    verdict: Verdict
    answered: datetime | None = None


@dataclass
class _Speaker:
    """A person in a room: when there were the last answers, and when there are none."""

    answers: deque[datetime]
    silent_from: datetime = NEVER
    silent_until: datetime = NEVER
    last: _Case = field(default_factory=lambda: _Case(Verdict.IGNORE))
    reflexes: int = 0


@dataclass
class Throttle:
    """Only so many answers a minute for each person in each room, and a third of them at once.

    `per_minute` allows the liveliest real use (a group that tries everything out in the kick-off).
    Whoever wants more gets nothing for a minute. `bots` (full Matrix ids) are not even heard;
    others give themselves away by answering the bot's answers faster than anybody can read them.
    Somebody who writes again before the answer is there is only impatient.
    """

    per_minute: int = 30
    bots: Collection[str] = ()
    _speakers: OrderedDict[tuple[str, str, type], _Speaker] = field(default_factory=OrderedDict)
    _cases: OrderedDict[str, _Case] = field(default_factory=OrderedDict)
    _explained: OrderedDict[str, datetime] = field(default_factory=OrderedDict)

    def judge(self, event: Judged) -> Verdict:
        """Count a message for the bot, once, however often it is read.

        What cannot be read is counted by itself: nobody knows whether it is for the bot.
        """
        case = self._cases.get(event.event_id)
        if case is None:
            case = _Case(self._judged(event))
            _keep(self._cases, event.event_id, case)
            self._speaker(event).last = case
        return case.verdict

    def answered(self, event_id: str, now: datetime) -> None:
        """From now on, the answer to this message can be read."""
        if event_id in self._cases:
            self._cases[event_id].answered = now

    def explains(self, sender: str, now: datetime) -> bool:
        """Whether "I do not know that" may be said: once per person and minute."""
        last = self._explained.get(sender)
        if last is not None and now - last < MINUTE:
            return False
        _keep(self._explained, sender, now)
        return True

    def _judged(self, event: Judged) -> Verdict:
        speaker = self._speaker(event)
        now = _time(event, speaker.answers[-1] if speaker.answers else NEVER)
        if speaker.silent_from <= now < speaker.silent_until:
            return Verdict.IGNORE
        if self._is_reflex(speaker, event):
            speaker.reflexes = 0
            speaker.silent_from, speaker.silent_until = now, now + HOUR
            return Verdict.BOT
        if self._is_too_much(speaker.answers, now):
            speaker.silent_from, speaker.silent_until = now, now + MINUTE
            return Verdict.SLOW_DOWN if isinstance(event, Message) else Verdict.IGNORE
        speaker.answers.append(now)
        return Verdict.ANSWER

    def _is_too_much(self, answers: Sequence[datetime], now: datetime) -> bool:
        """Whether one more would be too much; others in the room wait behind these answers."""
        at_once = max(1, self.per_minute // 3)
        return any(
            len(answers) >= most and NOW <= now - answers[-most] < span
            for most, span in ((self.per_minute, MINUTE), (at_once, MOMENT))
        )

    def _is_reflex(self, speaker: _Speaker, event: Judged) -> bool:
        """Whether this is the last of as many reflexes as only a bot has."""
        answered = speaker.last.answered
        if answered is None or not isinstance(event, Message):
            return False
        if event.now - answered >= SECOND:
            speaker.reflexes = 0
        elif len(event.body) >= QUICK:
            speaker.reflexes += 1
        return speaker.reflexes >= REFLEXES

    def _speaker(self, event: Judged) -> _Speaker:
        key = event.sender, event.room_id, type(event)
        speaker = self._speakers.get(key) or _Speaker(deque(maxlen=self.per_minute))
        _keep(self._speakers, key, speaker)
        return speaker


def _time(event: Judged, before: datetime) -> datetime:
    """When the event counts: when it was sent, for what waited comes all at once.

    Servers can lie about that: after an answer nobody goes back in time, nor far at all. What
    waited for long is not answered one by one, so there it does not matter.
    """
    if isinstance(event, Unreadable):
        return event.now
    if isinstance(event, Sealed) or event.backlog:
        return event.sent
    return max(event.sent, event.now - PAST, min(before, event.now))


def _keep(memory: OrderedDict[K, V], key: K, value: V) -> None:
    memory[key] = value
    memory.move_to_end(key)
    if len(memory) > REMEMBERED:
        memory.popitem(last=False)
