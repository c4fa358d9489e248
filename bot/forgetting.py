"""Forget in time what was kept only until somebody answers."""

from datetime import datetime

from storage import tips, uploads
from storage.database import Sessions
from storage.replies import A_DAY


async def forget(sessions: Sessions, now: datetime) -> None:
    """Messages that were to become tips, when their authors have not answered for a day, and files
    of organisers that no command was about.
    """
    async with sessions() as db:
        late = await tips.unanswered(db, now - A_DAY) or await uploads.stale(db, now)
    if late:
        async with sessions.begin() as db:
            await tips.forget(db, now - A_DAY)
            await uploads.forget(db, now)
