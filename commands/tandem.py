"""!tandem: meet somebody from another network each week, whoever wants to."""

from typing import Annotated

from commands import Answer, Context, UserError, command, composed, quoted
from storage import folding, networks, occurrences, profiles, tandems
from storage.models import TandemMember
from storage.replies import ORGA, Reply, Whisper
from storage.timetable import monday

ABOUT = Reply(
    "**Tandem: jede Woche ein Gespräch zu zweit**\n"
    "Jeden Montag nenne ich ein passendes Gegenüber aus einem anderen Netzwerk, mit "
    "Vorschlag zum Gesprächsstoff. Eine halbe Stunde genügt, niemand sieht mehr als den Namen "
    "des Netzwerks und der Koordination. Aufhören geht jederzeit.\n"
    "Mitmachen? ja oder nein",
    answers={"ja": "tandem mitmachen"},
)
_LEAVING, _JOINING = ("aus", "ende", "stopp", "aufhoeren"), ("an", "mitmachen", "weiter", "ein")


@command(
    "jede Woche ein Gespräch zu zweit",
    example="!tandem nicht mit Wattkante",
    aliases=("tandems", "tandempartner"),
    ended=False,
)
async def tandem(
    ctx: Context,
    wahl: Annotated[str, "„aus“, „pause“, „nicht mit“ oder „doch mit“ und ein Netzwerk"] = "",
) -> Answer:
    """What somebody does here is for nobody else to see; organisers see numbers only."""
    if not await tandems.offered(ctx.db, ctx.course):
        raise UserError("In diesem Kurs gibt es keine Tandems. Wünsche: !orga")
    if ctx.place == ORGA and ctx.organiser:
        return await _counted(ctx)
    if ctx.person is None or not ctx.person.network:
        raise UserError(profiles.NO_NETWORK)
    said = folding.fold_words(wahl)
    answer = await _done(ctx, said)
    if ctx.direct:
        return answer
    ctx.also.append(Whisper(ctx.sender, answer.text, answer.answers))
    return "Dazu schreibe ich direkt."


async def _done(ctx: Context, said: str) -> Reply:
    assert ctx.person is not None
    row = await tandems.member(ctx.db, ctx.course, ctx.person)
    if said in ("ja", "nein"):
        return await _met(ctx, said == "ja")
    if said in _LEAVING:
        await tandems.leave(ctx.db, ctx.course, ctx.person)
        return Reply("Gut, keine Tandems mehr. Wieder dabei: !tandem")
    if said in _JOINING or (row and row.paused and not said):
        await tandems.join(ctx.db, ctx.course, ctx.person)
        return Reply(f"Dabei! {await _next(ctx)} Aufhören: !tandem aus")
    verb, _, name = said.partition(" mit")
    wish = verb in ("nicht", "doch")
    if row is None and wish:
        return Reply("Das geht erst beim Mitmachen. Mitmachen: !tandem an")
    if row is None:
        return ABOUT
    if said == "pause":
        row.paused = True
        partners = await _partners(ctx, row)
        told = f" Diese Woche bitte noch {partners} absagen." if partners else ""
        return Reply(f"Pause, bis wieder !tandem kommt.{told}")
    if wish:
        return Reply(await _avoided(ctx, row, name.strip(), avoid=verb == "nicht"))
    return Reply(await _status(ctx, row))


async def _met(ctx: Context, met: bool) -> Reply:
    assert ctx.person is not None
    if not await tandems.answer(ctx.db, ctx.course, ctx.person, met):
        return Reply("Gerade ist keine Frage zu einem Tandem offen. Mehr: !tandem")
    return Reply("Schön, danke!" if met else "Danke. Nachholen geht immer.")


async def _avoided(ctx: Context, row: TandemMember, name: str, *, avoid: bool) -> str:
    found = networks.meant(await networks.every(ctx.db, ctx.course), name)
    if len(found) != 1:
        shown = ", ".join(quoted(network.short) for network in found[:5])
        raise UserError(f"Welches Netzwerk ist gemeint? {shown or 'Alle: !netzwerke liste'}")
    key, short = found[0].key, quoted(found[0].short)
    row.avoids = [*(k for k in row.avoids if k != key), *([key] if avoid else [])]
    if avoid:
        return f"Gut, nicht mit {short}. Das bleibt hier. Doch wieder: !tandem doch mit {short}"
    return f"Gut, auch mit {short}."


async def _status(ctx: Context, row: TandemMember) -> str:
    names = {n.key: quoted(n.short) for n in await networks.every(ctx.db, ctx.course)}
    avoided = ", ".join(names[key] for key in row.avoids if key in names)
    partners = await _partners(ctx, row)
    return composed(
        "**Tandem:** dabei",
        f"Diese Woche mit {partners}" if partners else None,
        await _next(ctx),
        f"Nicht mit: {avoided}. Doch wieder: !tandem doch mit …" if avoided else None,
        "Aussetzen: !tandem pause. Aufhören: !tandem aus. Jemand nicht: !tandem nicht mit …",
    )


async def _partners(ctx: Context, row: TandemMember) -> str:
    """The networks of this week's tandem; empty if there is none."""
    week = await tandems.partners(ctx.db, ctx.course, monday(ctx.today))
    return " und ".join(quoted(name) for name in week.get(row.person, []))


async def _next(ctx: Context) -> str:
    row = await occurrences.coming(ctx.db, ctx.course, tandems.RULE, ctx.now)
    if row is None:
        return "Weitere Tandems sind in diesem Kurs nicht mehr geplant."
    return f"Das nächste Tandem: {ctx.when(row.due)}."


async def _counted(ctx: Context) -> str:
    members, paused, formed, met = await tandems.counts(ctx.db, ctx.course)
    many = "1 Tandem" if formed == 1 else f"{formed} Tandems"
    return (
        f"**Tandems:** {members} dabei, {paused} in Pause. "
        f"Bisher {many}; Treffen, von denen ich weiß: {met}."
    )
