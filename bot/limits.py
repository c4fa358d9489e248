"""How much of the bot's time one person may take, decided before any work in the database."""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

MINUTE = timedelta(minutes=1)
REMEMBERED = 10_000
"""As many people and rooms as are kept in mind; the longest silent are forgotten first."""


class Verdict(Enum):
    """What becomes of a message."""

    ANSWER = "answer it"
    WARN = "say once that it was too much"
    IGNORE = "say nothing until the minute is over"


@dataclass
class _Bucket:
    tokens: float
    at: datetime
    warned: bool = False


@dataclass
class Throttle:
    """A bucket of replies per person and room, refilled within a minute.

    `per_minute` allows the liveliest real use (a group that tries everything out in the kick-off)
    and stops loops between bots.
    """

    per_minute: int = 30
    _buckets: OrderedDict[tuple[str, str], _Bucket] = field(default_factory=OrderedDict)
    _explained: OrderedDict[str, datetime] = field(default_factory=OrderedDict)

    def judge(self, sender: str, room_id: str, now: datetime) -> Verdict:
        """Count one message of this person in this room."""
        key = (sender, room_id)
        bucket = self._buckets.pop(key, None) or _Bucket(self.per_minute, now)
        refill = max((now - bucket.at) / MINUTE, 0) * self.per_minute
        bucket.tokens, bucket.at = min(self.per_minute, bucket.tokens + refill), now
        self._buckets[key] = bucket
        if len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            bucket.warned = False
            return Verdict.ANSWER
        warned, bucket.warned = bucket.warned, True
        return Verdict.IGNORE if warned else Verdict.WARN

    def explains(self, sender: str, now: datetime) -> bool:
        """Whether "I do not know that" may be said: once per person and minute."""
        last = self._explained.get(sender)
        if last is not None and now - last < MINUTE:
            return False
        self._explained[sender] = now
        self._explained.move_to_end(sender)
        if len(self._explained) > REMEMBERED:
            self._explained.popitem(last=False)
        return True
