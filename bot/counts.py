"""What the bot has done since its start, in numbers: commands and how they ended, answers in time.

No library is needed for counting; `bot/metrics.py` shows it to Prometheus.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from bot.router import NotUnderstood
from commands import Undone, UserError, Wanted
from storage.models import OutgoingMessage

BOUNDS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Seconds by which answers are told apart; people should wait two at most."""


@dataclass
class Counts:
    """`commands` by name and outcome; how many answers came within each bound, the last is beyond.

    `seconds` is what all answers took together.
    """

    commands: Counter[tuple[str, str]] = field(default_factory=Counter)
    answers: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0

    @contextmanager
    def command(self, name: str) -> Iterator[None]:
        """Count a command, and how it ended."""
        outcome = "failed"
        try:
            yield
            outcome = "done"
        except UserError:
            outcome = "refused"
            raise
        except NotUnderstood:
            outcome = "unclear"
            raise
        except Undone:
            outcome = "done"
            raise
        except Wanted:  # it runs again, with what it wants
            outcome = ""
            raise
        finally:
            if outcome:
                self.commands[name, outcome] += 1

    def answered(self, message: OutgoingMessage, now: datetime) -> None:
        """A message was sent; an answer has been due since its question was read."""
        if message.expires is None and message.cause.startswith("$"):
            taken = max(0.0, (now - message.due).total_seconds())
            self.answers[bisect_left(BOUNDS, taken)] += 1
            self.seconds += taken
