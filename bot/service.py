"""`kursbot run`: the service itself, and each reason to give up with its own exit code."""

import asyncio

from sqlalchemy.exc import OperationalError

from bot import app, lock, private
from bot.config import Config
from bot.matrix.access import SignedOut
from bot.matrix.cross_signing import OperatorNeeded
from bot.terminal import EXIT_CONFIG, Stop, until_signal
from storage.engine.schema import TooNew

EXIT_RUNNING, EXIT_SIGNED_OUT, EXIT_TOO_NEW, EXIT_OPERATOR = 3, 4, 5, 6


def serve(chosen: Config) -> None:
    """Run the bot until it is told to stop; raises `Stop` when it gives up."""
    try:
        asyncio.run(until_signal(app.run(chosen)))
    except* lock.AlreadyRunning as group:
        raise Stop(_reasons(group), EXIT_RUNNING) from None
    except* private.NotOurs as group:
        raise Stop(_reasons(group), EXIT_CONFIG) from None
    except* SignedOut as group:
        raise Stop(_reasons(group), EXIT_SIGNED_OUT) from None
    except* OperatorNeeded as group:
        raise Stop(_reasons(group), EXIT_OPERATOR) from None
    except* TooNew as group:
        raise Stop(_reasons(group), EXIT_TOO_NEW) from None
    except* OperationalError as group:
        raise Stop(f"Die Datenbank ist nicht benutzbar: {_said(group)}") from None


def _said(group: BaseExceptionGroup[OperationalError]) -> str:
    """What the database itself says; the rest of the error may quote what stands in it."""
    first = group.exceptions[0]
    if isinstance(first, BaseExceptionGroup):
        return _said(first)
    return str(first.orig).strip().partition("\n")[0]


def _reasons(group: BaseExceptionGroup[BaseException]) -> str:
    return "; ".join(
        _reasons(error) if isinstance(error, BaseExceptionGroup) else str(error)
        for error in group.exceptions
    )
