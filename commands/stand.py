"""!stand: how many have voted, and what came out."""

from commands import Context, command, composed, quoted
from storage import decisions, polls, results
from storage.models import Poll
from storage.polls import QUESTION


@command(
    "Stand der Abstimmung",
    example="!stand",
    aliases=("ergebnis", "wahlstand", "zwischenstand", "wahlergebnis"),
)
async def stand(ctx: Context) -> str:
    """The turnout; the sums only where the organisers show them before the end."""
    poll = await polls.current(ctx.db, ctx.course, ctx.now)
    if poll is None:
        return "Zurzeit gibt es keine Abstimmung. Termine und Themen: !programm"
    if ctx.now < poll.opens:
        return (
            f"Die Abstimmung beginnt {ctx.when(poll.opens)}, Schluss ist {ctx.when(poll.closes)}.\n"
            "Worum es geht: !themen"
        )
    asked = f"**{quoted(poll.question, 120)}**" if poll.kind == QUESTION else None
    voted, entitled = await polls.turnout(ctx.db, poll)
    turnout = f"**{voted} von {entitled}** haben abgestimmt."
    if ctx.now >= poll.closes:
        return composed(asked, await _closed(ctx, poll, turnout))
    return composed(
        asked,
        f"{turnout} Das Ergebnis kommt nach dem Schluss: {ctx.when(poll.closes)}.",
        await _interim(ctx, poll) if poll.interim_visible else None,
        await _how(ctx, poll),
    )


async def _closed(ctx: Context, poll: Poll, turnout: str) -> str:
    if poll.cancelled:
        return "Die Abstimmung ist abgebrochen, ausgewertet wird nichts."
    if poll.kind == QUESTION:
        return results.report(await decisions.outcome(ctx.db, ctx.course, poll))
    election = await polls.election(ctx.db, ctx.course)
    if election and election.decided_at:
        found = await decisions.outcome(ctx.db, ctx.course, election)
        return f"Die Abstimmung ist entschieden: {results.winners(found)}\nMehr: !themen"
    return (
        f"Die Abstimmung ist geschlossen. {turnout}\n"
        "Das Ergebnis steht im Raum Ankündigungen, sobald es bestätigt ist."
    )


async def _interim(ctx: Context, poll: Poll) -> str:
    votes = (await polls.tally(ctx.db, poll)).votes
    options = await polls.options(ctx.db, poll)
    shown = [f"{quoted(t.short or t.title, 40)} {votes.get(t.number, 0)}" for t in options[:8]]
    return f"Bisher: {', '.join(shown)}"


async def _how(ctx: Context, poll: Poll) -> str:
    if poll.kind != QUESTION:
        return "Noch nicht abgestimmt? !themen"
    options = await polls.options(ctx.db, poll)
    shown = ", ".join(f"{o.number} – {quoted(o.short, 40)}" for o in options)
    return f"Zur Wahl: {shown}\nAbstimmen: !stimme {options[-1].number}"
