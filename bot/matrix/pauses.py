"""How long something that failed is left alone before it is tried again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.obstacles import pause_after


@dataclass
class Pauses:
    """Each thing has a pause of its own, twice as long after every failure."""

    clock: Callable[[], datetime]
    _until: dict[str, datetime] = field(default_factory=dict)
    _failures: dict[str, int] = field(default_factory=dict)

    def over(self, key: str) -> bool:
        """Whether it may be tried now."""
        return key not in self._until or self.clock() >= self._until[key]

    def begin(self, key: str, least: float = 0.0) -> None:
        """It failed; leave it alone for at least so many seconds."""
        count = self._failures[key] = self._failures.get(key, 0) + 1
        self._until[key] = self.clock() + timedelta(seconds=max(least, pause_after(count)))

    def end(self, key: str) -> None:
        """It worked, or does not matter any more, or things have changed."""
        self._until.pop(key, None)
        self._failures.pop(key, None)
