"""!neuerlink: another way into a meeting, also minutes before it starts."""

import re
from typing import Annotated, Final

from commands import Answer, Context, UserError, command, composed, preview, quoted
from storage import calendar, change_notices, changes, meetings
from storage.models import Meeting

_ADDRESS: Final = re.compile(r"https://[^\s<>\"*]{4,300}")


@command(
    "anderer Zugang für einen Termin",
    example="!neuerlink w3 https://video.example.org/neu 4711",
    admin=True,
)
async def neuerlink(
    ctx: Context,
    termin: Meeting,
    adresse: Annotated[str, "die Adresse, mit https://"],
    kenncode: Annotated[str, "der Kenncode; nach | die Einwahl"] = "",
) -> Answer:
    """Who already has the old one gets the new one at once, everybody else in time."""
    which = f"{meetings.name(termin)} ({calendar.short(termin.day)})"
    if not _ADDRESS.fullmatch(adresse):
        raise UserError(f"Die Adresse verstehe ich nicht. So geht es: {neuerlink.example}")
    if meetings.is_past(ctx.course, termin, ctx.now):
        raise UserError(f"{which} ist schon vorbei. Es hat sich nichts geändert.")
    code, _, phone = (part.strip() for part in kenncode.partition("|"))
    values = {"link": adresse, "code": quoted(code, 40), "phone": quoted(phone, 80)}
    lines = [
        adresse,
        f"Kenncode: {values['code']}" if code else "Ohne Kenncode",
        f"Per Telefon: {values['phone']}" if phone else None,
    ]
    posted = await change_notices.reminded(ctx.db, ctx.course, [termin], by="gleich")
    if ctx.confirmed:
        change = await changes.make(ctx.db, ctx.course, [(termin, values)], ctx.now)
        said = "Alle bekommen ihn wie geplant vor dem Termin. Zurücknehmen: !rueckgaengig"
        if posted:
            clock = calendar.clock(termin.starts)
            text = composed(f"**Neuer Zugang: {which}, {clock} Uhr**", *lines)
            posts, said = await change_notices.tell(ctx.db, ctx.course, change, text, ctx.answer)
            ctx.also.extend(posts)
        return f"Neuer Zugang für {which} ist eingetragen, !link zeigt ihn.\n{said}"
    return preview(
        f"neuerlink {termin.key} {adresse} {kenncode}".strip(),
        f"**Neuer Zugang für {which}?**",
        *lines,
        None if phone or not termin.phone else "Einwahl per Telefon entfällt; behalten: | Nummer",
        "Der alte ist schon angesagt: Alle bekommen den neuen sofort." if posted else None,
    )
