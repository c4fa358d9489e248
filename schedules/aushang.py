"""The programme on the wall follows the programme."""

from schedules import Context, schedule
from storage import notices
from storage.replies import Notice


@schedule("Aushang des Programms")
async def aushang(ctx: Context) -> Notice | None:
    """Post and pin it, or edit it where it hangs; silently, for the news has its own post."""
    return await notices.due(ctx.db, ctx.course)
