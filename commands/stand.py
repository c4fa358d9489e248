"""!stand: how many have voted."""

from commands import Context, command, composed, quoted
from storage import polls
from storage.models import Poll


@command(
    "Stand der Abstimmung",
    example="!stand",
    aliases=("ergebnis", "wahlstand", "zwischenstand", "wahlergebnis"),
)
async def stand(ctx: Context) -> str:
    """The turnout; the sums only where the organisers show them before the end."""
    poll = await polls.current(ctx.db, ctx.course)
    if poll is None:
        return "Zurzeit gibt es keine Abstimmung. Termine und Themen: !programm"
    if ctx.now < poll.opens:
        return (
            f"Die Abstimmung beginnt {ctx.when(poll.opens)}, Schluss ist {ctx.when(poll.closes)}.\n"
            "Worum es geht: !themen"
        )
    voted, entitled = await polls.turnout(ctx.db, poll)
    turnout = f"**{voted} von {entitled}** haben abgestimmt."
    if poll.closed_at is not None or ctx.now >= poll.closes:
        return (
            f"Die Abstimmung ist geschlossen. {turnout}\n"
            "Das Ergebnis steht im Raum Ankündigungen, sobald es bestätigt ist."
        )
    return composed(
        f"{turnout} Das Ergebnis kommt nach dem Schluss: {ctx.when(poll.closes)}.",
        await _interim(ctx, poll) if poll.interim_visible else None,
        "Noch nicht abgestimmt? !themen",
    )


async def _interim(ctx: Context, poll: Poll) -> str:
    votes = (await polls.tally(ctx.db, poll)).votes
    topics = await polls.options(ctx.db, ctx.course)
    shown = [f"{quoted(t.short or t.title, 40)} {votes.get(t.number, 0)}" for t in topics[:8]]
    return f"Bisher: {', '.join(shown)}"
