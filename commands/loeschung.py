"""!loeschung: everything about one person, for ever."""

from dataclasses import replace
from typing import Annotated

from commands import Answer, Context, UserError, command, preview, quoted
from storage import erasures, occurrences, own_data
from storage.replies import Reply


@command(
    "alles über eine Person löschen",
    example="!loeschung tn12",
    aliases=("löschen",),
    admin=True,
    ended=True,
)
async def loeschung(ctx: Context, wer: Annotated[str, "die Kennung, zum Beispiel tn12"]) -> Answer:
    """A backup and the course file do not bring it back (Art. 17 GDPR, product C.12)."""
    person = await own_data.person(ctx.db, ctx.course, wer.strip())
    if person is None:
        raise UserError(f"„{quoted(wer, 30)}“ ist hier niemand. So geht es: {loeschung.example}")
    if not ctx.confirmed:
        asked = preview(
            f"loeschung {person.key}",
            f"**Alles über {person.key} ({quoted(person.display, 80)}) löschen?**",
            "Zuordnung, Anwesenheit, eigene Angaben, einzelne Stimmen, Texte an diese Person.",
            "Summen von Abstimmungen bleiben. Ein Nachweis fürs Zertifikat geht danach nicht mehr.",
            "Zurücknehmen lässt sich das nicht, auch die Kursdatei bringt nichts davon zurück.",
        )
        return replace(asked, secret=True)
    count = await erasures.erase_all(ctx.db, ctx.course, person, ctx.now)
    await occurrences.plan(ctx.db, ctx.course, ctx.now)
    return Reply(
        f"Gelöscht: {count} Einträge zu {person.key}, in einer Minute auch aus den Dateien des "
        "Bots. Verschickte Listen und Nachrichten in den Räumen bitte selbst löschen."
    )
