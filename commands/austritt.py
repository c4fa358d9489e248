"""!austritt: somebody does not take part any more."""

from typing import Annotated

from commands import Answer, Context, UserError, command, preview, quoted
from storage import attendance, checkin, networks, people
from storage.models import Person


@command("wer nicht mehr teilnimmt", example="!austritt tn12", admin=True)
async def austritt(ctx: Context, wer: Annotated[str, "Kennung oder Netzwerk: tn12"]) -> Answer:
    """Nothing is erased: whoever comes back finds everything as it was."""
    members = await checkin.members(ctx.db, ctx.course)
    person = people.only(members, wer)
    if person is None:
        raise UserError(f"„{quoted(wer, 30)}“ nimmt nicht teil. Wer dabei ist: !gruppe")
    left = len(members) - 1
    if ctx.confirmed:
        people.leave(person)
        return (
            f"**{person.key} ist ausgeschieden.** Noch {left} Personen im Kurs.\n"
            f"Aus den Räumen entfernen: in Element. Doch wieder dabei: !eintritt {person.key}"
        )
    account = await attendance.account(ctx.db, ctx.course, person, now=ctx.now)
    return preview(
        f"austritt {person.key}",
        f"**{person.key} scheidet aus?** {quoted(person.display, 80)}",
        f"Danach zählen {left} Personen, auch für Quote, Erinnerungen und Abstimmungen.",
        "Abgegebene Stimmen bleiben in der Summe.",
        f"Bestätigt sind {account.attended} UE: bleiben gespeichert, stehen in keiner Liste mehr.",
        await _network(ctx, person, members),
    )


async def _network(ctx: Context, person: Person, members: people.Members) -> str | None:
    """What becomes of the profile that the person has looked after."""
    known = {network.key: network for network in await networks.known(ctx.db, ctx.course)}
    network = known.get(person.network or "")
    if network is None:
        return None
    others = [p.key for p in members if p.network == network.key and p != person]
    if others:
        return f"Das Netzwerk {quoted(network.short, 60)} bleibt zu sehen: {', '.join(others)}"
    return f"Das Netzwerk {quoted(network.short, 60)} wird nicht mehr gezeigt."
