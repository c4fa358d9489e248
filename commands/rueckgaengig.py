"""!rueckgaengig: take the last change of the programme back, or the decision of the election."""

from commands import Answer, Context, UserError, command, preview, quoted
from storage import changes, decisions, meetings, moving, polls, results
from storage.models import Change, Meeting, Poll
from storage.replies import INFO, Post


@command("letzte Änderung zurücknehmen", example="!rueckgaengig", admin=True)
async def rueckgaengig(ctx: Context) -> Answer:
    """A change of dates as long as nothing went out, a decision until the first reminder."""
    poll = await polls.election(ctx.db, ctx.course)
    change = await changes.last(ctx.db, ctx.course)
    if change is None or (poll and poll.decided_at and poll.decided_at > change.at):
        return await _decision(ctx, poll)
    why = await changes.obstacle(ctx.db, ctx.course, change, ctx.now)
    if why is None:
        return await _change(ctx, change)
    if poll and poll.decision and poll.decided_at is None:
        return await _decision(ctx, poll)
    raise UserError(
        f"Das geht nicht mehr: {why}.\nStattdessen noch einmal ändern, zum Beispiel: "
        "!verschieben w4 Do 3.12. 10:00"
    )


async def _change(ctx: Context, change: Change) -> Answer:
    dates = {m.key: m for m in await meetings.every(ctx.db, ctx.course)}
    if ctx.confirmed:
        await changes.undo(ctx.db, ctx.course, change, ctx.now)
        return "Zurückgenommen, es ist alles wie vorher. Angesagt wird nichts."
    lines = [_before(change, key, dates.get(key)) for key in change.before]
    return preview("rueckgaengig", "**Letzte Änderung zurücknehmen?**", *lines)


def _before(change: Change, key: str, meeting: Meeting | None) -> str:
    """What the meeting would be again."""
    columns = change.before[key]
    if meeting is None or not columns:
        return f"{quoted(key)}: {'fällt wieder weg' if meeting else 'kommt wieder dazu'}"
    name, old = meetings.name(meeting), changes.as_it_was(meeting, columns)
    if moving.of(old) != moving.of(meeting):
        off = " (abgesagt)" if old.cancelled else ""
        return f"{name}: wieder {moving.of(old).told}{off}"
    if old.cancelled != meeting.cancelled:
        return f"{name}: {'wieder abgesagt' if old.cancelled else 'findet wieder statt'}"
    return f"{name}: {quoted(old.topic, 80)}, alles andere auch wie vorher"


async def _decision(ctx: Context, poll: Poll | None) -> Answer:
    """Votes and count stay."""
    if poll is None or not poll.decision:
        raise UserError("Es ist nichts entschieden, also auch nichts zurückzunehmen.")
    found = await decisions.outcome(ctx.db, ctx.course, poll)
    if poll.decided_at and await decisions.reminded(ctx.db, found):
        raise UserError(
            "Das geht nicht mehr: Zu einem dieser Termine ging schon eine Erinnerung raus.\n"
            "Ändern geht noch in der Kursdatei."
        )
    if not ctx.confirmed:
        public = "Alle bekommen eine Korrektur im Raum Ankündigungen." if poll.decided_at else None
        return preview(
            "rueckgaengig",
            f"**Entscheidung zurücknehmen?** {results.winners(found)}",
            public,
        )
    if poll.decided_at:
        text = f"**Korrektur:** Das Ergebnis der Abstimmung gilt noch nicht. {_open(found)}"
        ctx.also.append(Post(INFO, text, push=True))
    await decisions.undo(ctx.db, ctx.course, found, ctx.now)
    return f"Zurückgenommen.\n{await results.so_far(ctx.db, ctx.course, poll, ctx.now)}"


def _open(found: decisions.Outcome) -> str:
    slots = results.places(found, found.poll.slots)
    return f"Wieder offen: {slots}. Die Lehrgangsleitung meldet sich."
