"""A change of the programme, when organisers wanted people to hear of it later."""

from schedules import Context, schedule
from storage import changes


@schedule("Ansage einer Änderung")
async def aenderung(ctx: Context) -> str | None:
    """The words that were previewed; nothing if the change was taken back."""
    change = await changes.by_id(ctx.db, ctx.lead)
    return change.text if change else None
