"""!export: the attendance of everybody as a file for the chamber."""

import re

from commands import Answer, Context, UserError, command, composed
from storage import attendance, audit, proof, spreadsheet
from storage.proof import STATES
from storage.replies import File, Reply


@command("Teilnahmeliste für die IHK als Datei", example="!export", admin=True, ended=True)
async def export(ctx: Context) -> Answer:
    """What is confirmed counts as exported then; changed afterwards, it is to be exported again."""
    found = await proof.proof(ctx.db, ctx.course, ctx.now)
    if not found.lines:
        raise UserError("Es sind noch keine Teilnehmenden eingetragen.")
    data = await proof.file(ctx.db, ctx.course, found)
    await attendance.export(ctx.db, found.entries)
    await audit.note(ctx.db, ctx.course, ctx.sender, "!export", ctx.now)
    safe = re.sub(r"[^A-Za-z0-9_-]+", "-", ctx.course.key).strip("-") or "kurs"
    name = f"{safe[:60]}-teilnahme-{ctx.today:%Y-%m-%d}.csv"
    total = found.lines[0].account
    counts = ", ".join(f"{count} {state}" for state in STATES if (count := found.count(state)))
    text = composed(
        f"**Teilnahme von {len(found.lines)} Personen:** {name} (hängt an)",
        f"Nötig: {total.required} von {total.total} UE ({ctx.course.quota_percent} Prozent)",
        f"Bisher: {counts}",
        f"Offen, noch nicht bestätigt: {found.open} Einträge. Weiter: !anwesend"
        if found.open
        else "Alle vergangenen Termine sind bestätigt.",
        "Die Datei enthält personenbezogene Daten. Verbindlich entscheidet die IHK.",
    )
    return Reply(text, file=File(name, spreadsheet.MIMETYPE, data))
