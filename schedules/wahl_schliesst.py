"""The vote is over: the result goes to the organisers, and to all as soon as it is decided."""

from datetime import datetime, timedelta

from schedules import Context, cut, schedule
from storage import deadlines, decisions, poll_life, polls, results
from storage.decisions import Outcome
from storage.polls import QUESTION, RUNOFF
from storage.replies import ORGA, TALK, Closing, Post

DAY = timedelta(days=1)
CLOSED = "Die Abstimmung ist geschlossen. Danke fürs Mitmachen! Das Ergebnis"


@schedule("Ergebnis der Abstimmung")
async def wahl_schliesst(ctx: Context) -> Closing:
    """What the votes alone decide goes into the programme; ties and a low turnout wait."""
    native = await polls.native(ctx.db, ctx.poll)
    if ctx.poll.cancelled:
        text = f"**Abgebrochen: {cut(ctx.poll.question, 120)}**\nEs wird nichts ausgewertet."
        ctx.also.append(Post(TALK, text))
        return Closing("Die Abstimmung ist abgebrochen.", native)
    await polls.close(ctx.db, ctx.poll)
    found = await decisions.outcome(ctx.db, ctx.course, ctx.poll)
    if ctx.poll.kind == QUESTION:
        text = f"**{cut(ctx.poll.question, 120)}**\n{results.report(found)}"
        shown = Post(TALK, text, push=True, chart=results.picture(found))
        ctx.also.extend((Post(ORGA, text), shown))
        return Closing("Die Umfrage ist geschlossen. Danke fürs Mitmachen!", native)
    text = results.report(found)
    if ctx.poll.kind == RUNOFF:
        found = await _carried(ctx, found)
    decided = await _decided(ctx, found)
    ctx.also.insert(0, Post(ORGA, f"{text}\n{decided}", push=True))
    published = found.poll.decided_at is not None
    place = "steht im Raum Ankündigungen" if published else "kommt von der Lehrgangsleitung"
    return Closing(f"{CLOSED} {place}.", native)


async def _carried(ctx: Context, found: Outcome) -> Outcome:
    """Carry what the runoff has decided over to its election."""
    every = await polls.every(ctx.db, ctx.course)
    election = next((poll for poll in every if poll.key == ctx.poll.election), ctx.poll)
    for slot, topic in found.places.items():
        election.decision = decisions.placed(election.decision, slot, topic)
    return await decisions.outcome(ctx.db, ctx.course, election)


async def _decided(ctx: Context, found: Outcome) -> str:
    """Settle what can be settled; what the organisers get to know about it."""
    poll, drawn = found.poll, ""
    days = await deadlines.days(ctx.db, ctx.course)
    if found.tied and found.enough and poll.tie == "stichwahl" and ctx.poll is poll:
        until = days.after(ctx.now)
        await poll_life.runoff(ctx.db, ctx.course, found, until, ctx.now)
        return f"Die Stichwahl beginnt jetzt im Raum Austausch, Schluss: {ctx.when(until)}."
    while found.tied and found.enough and poll.tie == "los":
        seed = decisions.draw(poll, found.tied, found.topics)
        drawn += f"Los um {results.places(found, found.tied.slots)}, Startwert „{seed}“.\n"
        found = await decisions.outcome(ctx.db, ctx.course, poll)
    if not found.clear:
        return results.undecided(found, days.after(_lately(ctx, poll.closes)))
    ctx.also.append(await results.publish(ctx.db, ctx.course, found, ctx.now))
    settled = f"Entschieden: {results.winners(found)}\n" if drawn or poll is not ctx.poll else ""
    return f"{drawn}{settled}Veröffentlicht und im Programm. Zurücknehmen: !rueckgaengig"


def _lately(ctx: Context, moment: datetime) -> datetime:
    """The moment, unless it was long ago."""
    return moment if ctx.now < moment + DAY else ctx.now
