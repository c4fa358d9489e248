"""!stopp alles: nothing goes out unasked until organisers say !weiter."""

from typing import Annotated

from commands import Context, UserError, command
from storage import audit, folding, pauses


@command("sofort alles anhalten: !stopp alles", example="!stopp alles", admin=True)
async def stopp(ctx: Context, was: Annotated[str, "alles"] = "") -> str:
    """At once and without asking back: it is for emergencies, and !weiter undoes it."""
    if folding.fold_words(was) != "alles":
        raise UserError("Sofort alles anhalten, was von selbst kommt: !stopp alles")
    if ctx.course.stopped:
        return "Es ist schon alles angehalten. Wieder senden: !weiter"
    await pauses.stop(ctx.db, ctx.course, True)
    await audit.note(ctx.db, ctx.course, ctx.sender, "!stopp alles", ctx.now)
    return (
        "**Alles angehalten.** Von selbst sende ich nichts mehr, Fragen beantworte ich weiter.\n"
        "Wieder senden: !weiter"
    )
