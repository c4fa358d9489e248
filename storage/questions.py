"""What the bot asked somebody last, and which command line each answer stands for."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Question
from storage.replies import A_DAY, A_WHILE, Reply, Whisper

ANYBODY: Final = ""
"""Whose question it is that any organiser may answer in their room."""

A_WHILE_AGO = timedelta(hours=1)
"""How long after its end somebody may still think that a question is open."""

_TABLE = Question.metadata.tables[Question.__tablename__]
_THEIRS = (Question.mxid == bindparam("mxid"), Question.expires > bindparam("now"))
_LATEST = select(Question).order_by(Question.asked.desc()).limit(1)
_HERE = _LATEST.where(Question.room_id == bindparam("room"), *_THEIRS)
_HERE_OR_ALONE = _LATEST.where(
    Question.room_id.in_((bindparam("room"), bindparam("mxid"))), *_THEIRS
)
_ASKED_BY = _LATEST.where(
    Question.cause == bindparam("cause"),
    Question.mxid.in_(bindparam("people", expanding=True)),
    Question.expires > bindparam("now"),
)


def of(asking: Reply | Whisper, room_id: str, mxid: str, cause: str, now: datetime) -> Question:
    """The question that a reply in a room puts, or a whisper to a person: for longer then."""
    expires = now + (A_WHILE if isinstance(asking, Reply) else A_DAY)
    answers = dict(asking.answers)
    anybody = isinstance(asking, Reply) and asking.by_another
    return Question(
        room_id=room_id,
        mxid=ANYBODY if anybody else mxid,
        answers=answers,
        confirms=asking.confirms,
        cause=cause,
        asked=now,
        expires=expires,
    )


async def ask(db: AsyncSession, question: Question) -> None:
    """Expect one of the answers; an older question in this room is void."""
    values = {column.name: getattr(question, column.name) for column in _TABLE.columns}
    query = insert(Question).values(values)
    changes = {name: values[name] for name in ("answers", "confirms", "cause", "asked", "expires")}
    await db.execute(query.on_conflict_do_update(index_elements=["room_id", "mxid"], set_=changes))


async def pending(
    db: AsyncSession, room_id: str, mxid: str, now: datetime, *, alone: bool = False
) -> Question | None:
    """What may be answered now; None when nothing was asked.

    Where the person is `alone` with the bot, also what was whispered.
    """
    query = _HERE_OR_ALONE if alone else _HERE
    return await db.scalar(query, {"room": room_id, "mxid": mxid, "now": now})


async def lapsed(db: AsyncSession, room_id: str, mxid: str, now: datetime) -> Question | None:
    """The preview that somebody may think is still to be answered here; one may take it away."""
    found = await db.get(Question, (room_id, mxid))
    recent = found is not None and found.confirms and now - A_WHILE_AGO < found.expires <= now
    return found if recent else None


async def lapse(db: AsyncSession, room_id: str, mxid: str, now: datetime) -> None:
    """Whoever has gone on to something else means that with a yes, not the older preview."""
    found = await db.get(Question, (room_id, mxid))
    if found is not None and found.confirms and found.expires > now:
        found.expires = now


async def asked_by(
    db: AsyncSession, cause: str, people: Sequence[str], now: datetime
) -> Question | None:
    """What the message of this cause asked one of them, if that is still to be answered."""
    return await db.scalar(_ASKED_BY, {"cause": cause, "people": people, "now": now})


async def forget(db: AsyncSession, question: Question) -> None:
    """The question has been answered."""
    mine = (Question.room_id == question.room_id, Question.mxid == question.mxid)
    await db.execute(delete(Question).where(*mine))
