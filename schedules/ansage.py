"""What organisers have written for later."""

from schedules import Context, schedule
from storage.replies import EVERYBODY, Summons


@schedule("Ansage")
async def ansage(ctx: Context) -> str | Summons:
    """As they have seen it in the preview."""
    return Summons(ctx.text) if ctx.text.startswith(f"{EVERYBODY}\n") else ctx.text
