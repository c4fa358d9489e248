"""!alumniraum: where alumni meet, and who wants to join them."""

from typing import Annotated

from commands import Answer, Context, UserError, command, composed, preview, quoted
from storage import accounts, alumni, folding, occurrences, rooms
from storage.alumni import Consent
from storage.lists import spreadsheet
from storage.replies import ALUMNI, File, Invite, Reply


@command(
    "Alumni-Raum und wer hinein möchte",
    example="!alumniraum #alumni:server.de",
    aliases=("alumni",),
    admin=True,
    ended=True,
)
async def alumniraum(
    ctx: Context, raum: Annotated[str, "Adresse des Raums, „einladen“ oder „weg“"] = ""
) -> Answer:
    """What is set here stays when the course file is read again."""
    said = folding.fold_words(raum)
    if not said:
        return await _listed(ctx)
    if said == "einladen":
        return await _invited(ctx)
    address = "" if said == "weg" else raum.strip()
    if len(address) > 20 and not address.startswith("#"):
        address = f"!{address.lstrip('!')}"  # the sign of an id is taken for that of a command
    if address and not accounts.is_room(address):
        raise UserError(f"Das ist keine Adresse eines Raums. So geht es: {alumniraum.example}")
    if address and await rooms.taken(ctx.db, [address]):
        raise UserError("Dieser Raum ist schon ein Kursraum. Alumni brauchen einen eigenen.")
    if not ctx.confirmed:
        asked = f"Alumni-Raum: {quoted(address, 255)}?" if address else "Ohne Alumni-Raum?"
        hint = "Nach dem letzten Termin frage ich alle einzeln, wer eingeladen werden möchte."
        return preview(f"alumniraum {address or 'weg'}", f"**{asked}**", hint if address else None)
    await rooms.put_alumni(ctx.db, ctx.course, address)
    await occurrences.plan(ctx.db, ctx.course, ctx.now)
    if not address:
        return "Eingetragen: kein Alumni-Raum. Ich frage niemanden danach."
    return "Eingetragen. Bitte mich dorthin einladen; zum Einladen brauche ich dort das Recht dazu."


async def _listed(ctx: Context) -> Reply:
    room = await rooms.of(ctx.db, ctx.course, ALUMNI)
    found = await alumni.every(ctx.db, ctx.course)
    inside = await rooms.inside(ctx.db, ctx.course, ALUMNI)
    there = "ich bin dabei" if inside else "ich bin nicht dabei"
    where = f"{quoted(room.address, 120)} ({there})" if room else "–"
    text = composed(
        f"**Alumni-Raum:** {where}",
        f"Dabei sein möchten: {len(found)}",
        *[f"– {quoted(one.name, 60)}" for one in found[:5]],
        f"und {len(found) - 5} weitere" if len(found) > 5 else None,
        "Wer es ist, steht in der Datei. Alle einladen: !alumniraum einladen" if found else None,
        f"Ändern: {alumniraum.example}",
    )
    return Reply(text, file=_file(found) if found else None)


def _file(found: list[Consent]) -> File:
    rows = [["Netzwerk", "bietet", "Konto"]]
    rows += [[one.name, ", ".join(one.offers), one.person.mxid or ""] for one in found]
    return File("alumni.csv", spreadsheet.MIMETYPE, spreadsheet.file(rows))


async def _invited(ctx: Context) -> Answer:
    accounts = [one.person.mxid for one in await alumni.every(ctx.db, ctx.course)]
    people = [mxid for mxid in accounts if mxid]
    if not people or not await rooms.inside(ctx.db, ctx.course, ALUMNI):
        raise UserError("Niemand ist einzuladen, oder ich bin nicht im Alumni-Raum: !alumniraum")
    if not ctx.confirmed:
        return preview("alumniraum einladen", f"**{len(people)} in den Alumni-Raum einladen?**")
    ctx.also.extend(Invite(ALUMNI, mxid) for mxid in people)
    return f"Eingeladen: {len(people)}. Klappt eine Einladung nicht, melde ich mich hier."
