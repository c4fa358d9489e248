"""Forget in time what was kept only until somebody answers."""

from datetime import datetime

from storage import tips
from storage.database import Sessions
from storage.replies import A_DAY


async def forget(sessions: Sessions, now: datetime) -> None:
    """Messages that were to become tips, when their authors have not answered for a day."""
    async with sessions() as db:
        late = await tips.unanswered(db, now - A_DAY)
    if late:
        async with sessions.begin() as db:
            await tips.forget(db, now - A_DAY)
