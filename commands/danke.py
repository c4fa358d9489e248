"""!danke: a friendly sign, no words."""

from commands import Context, command
from storage.replies import Reaction


@command("freut mich", example="!danke", aliases=("dankeschön", "merci"))
async def danke(ctx: Context) -> Reaction:
    """React, so that the room stays quiet."""
    return Reaction("👍")
