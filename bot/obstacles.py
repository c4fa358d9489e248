"""What keeps a message from being sent, and how long to wait then."""

import random
from collections.abc import Awaitable, Callable

PARKED = 600.0
"""Seconds until a room that the bot may not write to is tried again."""

SLOWEST = 55.0
"""Longest pause between two tries, in seconds: a minute after all trouble the bot works again."""


class Unreachable(Exception):
    """The server cannot be reached or is in trouble; `patience` seconds are asked for, if any."""

    def __init__(self, reason: str, patience: float = 0.0) -> None:
        super().__init__(reason)
        self.patience = patience


class Away(Unreachable):
    """The server is known to be unreachable: nothing was tried; `back` waits until it may be."""

    def __init__(self, back: Callable[[], Awaitable[None]]) -> None:
        super().__init__("the server is away")
        self.back = back


class Limited(Unreachable):
    """The server wants the account to be slower; `patience` seconds are asked for."""


class Broken(Exception):
    """The server failed on this very message (HTTP 5xx)."""


class Forbidden(Exception):
    """The bot may not write to this room, or the room is gone; try again after `rest` seconds.

    A short rest is for a room that the bot is not in yet: the organisers need not hear of that.
    """

    def __init__(self, reason: str, rest: float = PARKED) -> None:
        super().__init__(reason)
        self.rest = rest


class Rejected(Exception):
    """The server will never take this message; `told` is what organisers read about that."""

    def __init__(self, reason: str, told: str = "hat der Server nicht angenommen") -> None:
        super().__init__(reason)
        self.told = told


def pause_after(failures: int, spent: float = 0.0) -> float:
    """Seconds to wait: twice as long each time, and never in step with other bots.

    They are counted from the beginning of a try that took `spent` seconds.
    """
    pause = min(SLOWEST, 2.0 ** min(failures - 1, 6)) * random.uniform(0.7, 1.0)
    return max(0.0, pause - spent)
