"""!meinedaten: everything that is stored about the asker, as a file."""

import json

from commands import Context, UserError, command, composed, exists
from storage import catalogue, own_data
from storage.replies import File, Reply

_NAME = "meine-daten.json"


@command(
    "alles, was über mich gespeichert ist",
    example="!meinedaten",
    aliases=("auskunft", "daten über mich"),
)
async def meinedaten(ctx: Context) -> Reply:
    """Complete by the catalogue; with what each part is for, and until when it is kept."""
    if not ctx.direct:
        raise UserError("Das geht nur unter vier Augen: bitte mir direkt !meinedaten schreiben.")
    whose = await own_data.owner(ctx.db, ctx.sender, ctx.room_id)
    found = await own_data.shown(ctx.db, whose)
    parts = [
        {
            "was": entry.what,
            "wozu": entry.why,
            "wie lange": entry.kept.told(ctx.course),
            "beim Löschen": entry.erased.value,
            "tabelle": entry.table,
            "eintraege": rows if entry.shown else "steht im Chat oder ist unlesbar",
        }
        for entry, rows in found
    ]
    stand = ctx.now.isoformat(timespec="seconds")
    data = {"wer": ctx.sender, "kurs": ctx.course.title, "stand": stand, "daten": parts}
    kinds = catalogue.kinds(entry for entry, rows in found if rows)
    text = composed(
        f"Alle gespeicherten Daten hängen als Textdatei an: **{_NAME}**",
        f"Enthalten: {', '.join(kinds) if kinds else 'noch nichts'}",
        f"{'Ändern: !steckbrief. ' if exists('steckbrief') else ''}Löschen: !loeschen. "
        "Offizielle Auskunft: !datenschutz",
    )
    content = json.dumps(data, ensure_ascii=False, indent=2, default=str).encode()
    return Reply(text, file=File(_NAME, "application/json", content))
