"""What the bot asked somebody last, and which command line each answer stands for."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Question
from storage.replies import Reply

VALID = timedelta(minutes=10)
"""How long a question may be answered, by the same person in the same room."""


async def ask(db: AsyncSession, room_id: str, mxid: str, reply: Reply, now: datetime) -> None:
    """Expect one of the answers of this reply; an older question in this room is void."""
    changes = {
        "answers": dict(reply.answers),
        "confirms": reply.confirms,
        "expires": now + VALID,
    }
    query = insert(Question).values(room_id=room_id, mxid=mxid, **changes)
    await db.execute(query.on_conflict_do_update(index_elements=["room_id", "mxid"], set_=changes))


async def pending(db: AsyncSession, room_id: str, mxid: str, now: datetime) -> Question | None:
    """What may be answered now; None when nothing was asked."""
    query = select(Question).where(
        Question.room_id == room_id, Question.mxid == mxid, Question.expires > now
    )
    return await db.scalar(query)


async def forget(db: AsyncSession, room_id: str, mxid: str) -> None:
    """The question has been answered."""
    await db.execute(delete(Question).where(Question.room_id == room_id, Question.mxid == mxid))
