"""!rueckgaengig: take the last decision of the election back."""

from commands import Answer, Context, UserError, command, preview
from storage import decisions, polls, results
from storage.replies import INFO, Post


@command("Ergebnis der Wahl zurücknehmen", example="!rueckgaengig", admin=True)
async def rueckgaengig(ctx: Context) -> Answer:
    """Until something has been said about one of the slots; votes and count stay."""
    poll = await polls.election(ctx.db, ctx.course)
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
