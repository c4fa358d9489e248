"""The rules of a course: when and where its schedules speak."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Course, Rule
from storage.replies import INFO, Place


async def for_material(db: AsyncSession, course: Course) -> tuple[Place, bool]:
    """Where everybody hears of new material, and whether that notifies (`material_hinterlegt`)."""
    query = select(Rule).where(Rule.course_id == course.id, Rule.trigger == "material_hinterlegt")
    rule = await db.scalar(query.order_by(Rule.id).limit(1))
    return (Place(rule.room), rule.push) if rule else (INFO, False)
