"""!weiter: the bot speaks again after !stopp alles."""

from commands import Answer, Context, command, preview
from storage import pauses


@command("nach !stopp alles wieder senden", example="!weiter", admin=True)
async def weiter(ctx: Context) -> Answer:
    """What is still useful is said late then; what is not is told to the organisers."""
    if not ctx.course.stopped:
        return "Es ist nichts angehalten. Was als Nächstes kommt: !vorschau"
    if ctx.confirmed:
        await pauses.stop(ctx.db, ctx.course, False)
        return "Ich sende wieder. Was als Nächstes kommt: !vorschau"
    useful, useless = await pauses.overdue(ctx.db, ctx.course, ctx.now)
    return preview(
        "weiter",
        "**Wieder senden?**",
        f"Gleich nachgeholt: {_posts(len(useful))}",
        f"Inzwischen nutzlos und ausgelassen: {_posts(len(useless))}" if useless else None,
    )


def _posts(count: int) -> str:
    return f"{count or 'kein'} {'Beiträge' if count > 1 else 'Beitrag'}"
