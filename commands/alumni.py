"""!alumni: whether somebody wants to be in the alumni network."""

from typing import Annotated

from commands import Answer, Context, UserError, command, composed, quoted
from storage import alumni as network
from storage import folding, rooms
from storage.alumni import Consent
from storage.models import Person
from storage.replies import ALUMNI, ORGA, Invite, Post, Reply


@command("ins Alumni-Netzwerk eingeladen werden", example="!alumni ja")
async def alumni(ctx: Context, wahl: Annotated[str, "ja oder nein"] = "") -> Answer:
    """Only with a clear yes, which can be taken back (product C.3)."""
    if not ctx.direct:
        raise UserError("Das geht nur unter vier Augen: bitte mir direkt !alumni schreiben.")
    if ctx.person is None or ctx.person.status == "ausgeschieden":
        raise UserError("Das gilt für Teilnehmende. Fragen: !orga")
    said = folding.fold_words(wahl)
    if said == "ja":
        return await _agreed(ctx, ctx.person)
    if said in ("nein", "zurueck", "weg", "nicht"):
        return await _refused(ctx, ctx.person)
    state = "bisher ja" if await network.agrees(ctx.db, ctx.person) else "bisher nein"
    text = composed(
        f"**Ins Alumni-Netzwerk?** Eingetragen ist {state}.",
        "Mit ja kommt eine Einladung in den Alumni-Raum, und nur dann ziehen Name des Netzwerks "
        "und Angebote mit um.",
        "Antwort: ja oder nein",
    )
    return Reply(text, answers={"ja": "alumni ja", "nein": "alumni nein"})


async def _agreed(ctx: Context, person: Person) -> str:
    """What is public in the course already is shown where alumni meet; or organisers do it."""
    if await network.agrees(ctx.db, person):
        return "Das ist schon vermerkt. Zurücknehmen: !alumni nein"
    await network.agree(ctx.db, person, ctx.now)
    [one] = [c for c in await network.every(ctx.db, ctx.course) if c.person.key == person.key]
    if await rooms.inside(ctx.db, ctx.course, ALUMNI):
        ctx.also.extend((Invite(ALUMNI, ctx.sender), Post(ALUMNI, _card(one))))
        return "Schön! Die Einladung in den Alumni-Raum kommt gleich. Zurücknehmen: !alumni nein"
    text = f"**Neu fürs Alumni-Netzwerk:** {quoted(one.name, 80)}. Die ganze Liste: !alumniraum"
    ctx.also.append(Post(ORGA, text))
    return "Schön! Die Einladung kommt von der Lehrgangsleitung. Zurücknehmen: !alumni nein"


def _card(one: Consent) -> str:
    offers = ", ".join(quoted(offer, 60) for offer in one.offers[:6])
    return composed(
        f"**Neu dabei: {quoted(one.name, 80)}**", f"Bietet: {offers}" if offers else None
    )


async def _refused(ctx: Context, person: Person) -> str:
    if not await network.agrees(ctx.db, person):
        return "In Ordnung, es zieht nichts um. Umentscheiden: !alumni ja"
    await network.withdraw(ctx.db, person)
    text = f"Nicht mehr im Alumni-Netzwerk: {quoted(person.display, 80)}. Bitte dort entfernen."
    ctx.also.append(Post(ORGA, text))
    return "Zurückgenommen. Was schon im Alumni-Raum steht, nimmt die Lehrgangsleitung heraus."
