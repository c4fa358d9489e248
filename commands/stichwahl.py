"""!stichwahl: let people choose between tied topics."""

from typing import Annotated

from commands import Answer, Context, UserError, command, preview
from storage import deadlines, decisions, poll_life, polls, results


@command("Gleichstand neu abstimmen lassen", example="!stichwahl", admin=True)
async def stichwahl(
    ctx: Context, schluss: Annotated[str, "wann sie endet, zum Beispiel bis Mo 12:00"] = ""
) -> Answer:
    """Only the tied topics, 48 hours and as long as it takes until people work again."""
    election = await polls.election(ctx.db, ctx.course)
    obstacle = await results.obstacle(ctx.db, ctx.course, ctx.now)
    if election is None or obstacle:
        raise UserError(obstacle or "")
    found = await decisions.outcome(ctx.db, ctx.course, election)
    if found.tied is None:
        raise UserError("Es gibt keinen Gleichstand. Entscheiden geht mit !platz A und dem Thema.")
    days = await deadlines.days(ctx.db, ctx.course)
    until = deadlines.read(schluss, ctx.course, ctx.now) if schluss else days.after(ctx.now)
    if until is None or until <= ctx.now:
        raise UserError("Das Ende ist unklar oder schon vorbei, bitte so: !stichwahl bis Mo 12:00")
    if await poll_life.clash(ctx.db, ctx.course, None, ctx.now, until):
        raise UserError("Bis dahin gibt es eine andere Abstimmung; zwei zugleich gehen nicht.")
    if ctx.confirmed:
        await poll_life.runoff(ctx.db, ctx.course, found, until, ctx.now)
        return f"Gestartet: gleich steht die Stichwahl im Raum Austausch, bis {ctx.when(until)}."
    return preview(
        f"stichwahl bis {until:%Y-%m-%d %H:%M}",
        f"**Stichwahl um {results.places(found, found.tied.slots)}?** Raum Austausch, 1 Stimme",
        " gegen ".join(results.short(found.topics[number]) for number in found.tied.numbers),
        f"Schluss: {ctx.when(until)}" + ("" if schluss else " (48 Stunden, nur an Werktagen)"),
        days.warning(until),
    )
