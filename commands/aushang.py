"""!aushang: pin the programme where everybody finds it."""

from commands import Answer, Context, UserError, command, preview
from storage import meetings, notices, standing
from storage.replies import INFO


@command("Programm im Raum Ankündigungen anheften", example="!aushang", admin=True)
async def aushang(ctx: Context) -> Answer:
    """From then on it is kept up to date there by itself."""
    if await standing.room_of(ctx.db, ctx.course.id, INFO) is None:
        raise UserError("Im Raum Ankündigungen bin ich noch nicht: bitte mich dorthin einladen.")
    count = len(await meetings.every(ctx.db, ctx.course))
    if not count:
        raise UserError("Es sind noch keine Termine eingetragen, also gibt es nichts anzuheften.")
    if not ctx.confirmed:
        return preview(
            "aushang",
            f"**Das Programm mit {count} Terminen im Raum Ankündigungen anheften?**",
            "Ohne Benachrichtigung. Spätere Änderungen trage ich dort von selbst nach.",
            "So sieht es aus: !programm alle",
        )
    await notices.hang(ctx.db, ctx.course, ctx.now)
    return "Das Programm hängt gleich im Raum Ankündigungen und bleibt dort aktuell."
