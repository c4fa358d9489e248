"""!pruefung: whether the bot can do its work in the rooms of the course."""

from commands import Context, command
from storage import setup_check


@command("ob der Bot in den Räumen alles darf", example="!pruefung", admin=True, ended=True)
async def pruefung(ctx: Context) -> str:
    """As it was at the last look, seconds ago: the bot looks all the time."""
    return await setup_check.told(ctx.db, ctx.course)
