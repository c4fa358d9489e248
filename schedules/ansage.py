"""What organisers have written for later."""

from schedules import Context, schedule


@schedule("Ansage")
async def ansage(ctx: Context) -> str:
    """As they have seen it in the preview."""
    return ctx.text
