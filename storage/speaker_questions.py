"""Questions for those who lead a meeting: asked before it, with or without a name, and raised."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Course, Meeting, Person, SpeakerQuestion, Support

LONGEST = 300  # characters of a question
MOST = 5  # questions of one person about one meeting


@dataclass(frozen=True)
class Asked:
    """A question as everybody may see it; `by` is empty if the asker does not want to be named."""

    number: int
    text: str
    by: str
    raised: int


async def ask(db: AsyncSession, question: SpeakerQuestion) -> None:
    """Keep a question and give it the next number of its course."""
    numbers = select(func.coalesce(func.max(SpeakerQuestion.number), 0))
    last = await db.scalar(numbers.where(SpeakerQuestion.course_id == question.course_id))
    question.number = (last or 0) + 1
    db.add(question)
    await db.flush()


async def count(db: AsyncSession, person: Person, meeting: Meeting) -> int:
    """How many questions somebody has about a meeting."""
    query = select(func.count()).where(SpeakerQuestion.course_id == person.course_id)
    theirs = (SpeakerQuestion.person == person.key, SpeakerQuestion.meeting == meeting.key)
    return await db.scalar(query.where(*theirs)) or 0


async def known(db: AsyncSession, course: Course, number: int) -> SpeakerQuestion | None:
    """The question with this number."""
    query = select(SpeakerQuestion).where(SpeakerQuestion.course_id == course.id)
    return await db.scalar(query.where(SpeakerQuestion.number == number))


async def raise_up(db: AsyncSession, person: Person, question: SpeakerQuestion) -> int:
    """Let somebody want the answer, too, once; how many do. The asker wants it anyway."""
    here = {"course_id": question.course_id, "number": question.number}
    if person.key != question.person:
        row = insert(Support).values(**here, person=person.key)
        await db.execute(row.on_conflict_do_nothing())
    return await db.scalar(select(func.count()).select_from(Support).filter_by(**here)) or 0


async def about(db: AsyncSession, course: Course, meeting: Meeting) -> Sequence[Asked]:
    """What was asked about a meeting, what most want to know first."""
    raised = (
        select(Support.number, func.count().label("raised"))
        .where(Support.course_id == course.id)
        .group_by(Support.number)
        .subquery()
    )
    query = (
        select(SpeakerQuestion, Person.display, func.coalesce(raised.c.raised, 0))
        .outerjoin(raised, raised.c.number == SpeakerQuestion.number)
        .outerjoin(
            Person,
            (Person.course_id == SpeakerQuestion.course_id)
            & (Person.key == SpeakerQuestion.person),
        )
        .where(SpeakerQuestion.course_id == course.id, SpeakerQuestion.meeting == meeting.key)
        .order_by(func.coalesce(raised.c.raised, 0).desc(), SpeakerQuestion.number)
    )
    rows = (await db.execute(query)).all()
    return [Asked(q.number, q.text, (who or "") if q.named else "", n) for q, who, n in rows]
