"""!brauche: what one's own network is looking for."""

from typing import Annotated

from commands import Answer, Context, UserError, choice, command, composed, preview, quoted
from storage import networks, profiles
from storage.profiles import NEED, Own, Wish


@command(
    "was das eigene Netzwerk sucht",
    example="!brauche Experimentierkisten",
    aliases=("brauchen", "ich brauche", "wir brauchen", "benötige"),
    ended=False,
)
async def brauche(
    ctx: Context, was: Annotated[str, "ein Stichwort; mit „nicht“ davor wird es gestrichen"] = ""
) -> Answer:
    """Asked back, since everybody in the course can see it."""
    own = await profiles.own(ctx.db, ctx.course, ctx.person)
    if own is None or ctx.person is None:
        raise UserError(profiles.NO_NETWORK)
    wish = profiles.wish(own, NEED, was)
    if wish.problem:
        example = "Zum Beispiel: !brauche Experimentierkisten"
        hint = "Was dort steht: !steckbrief" if wish.strikes else example
        raise UserError(composed(wish.problem, hint))
    if len(wish.found) > 1:
        return choice(was, {f"brauche nicht {entry}": entry for entry in wish.found}, "Einträgen")
    if not ctx.confirmed:
        return preview(f"brauche {wish.line}", *wish.asks)
    await profiles.fulfil(ctx.db, own, ctx.person, wish, ctx.now)
    if wish.strikes:
        return f"Gestrichen. Doch wieder: !brauche {quoted(wish.found[0], 80)}"
    return await _entered(ctx, own, wish)


async def _entered(ctx: Context, own: Own, wish: Wish) -> str:
    """Who offers just this."""
    everyone = await networks.every(ctx.db, ctx.course)
    hits = networks.offering([n for n in everyone if n.key != own.network.key], wish.text)
    names = [*dict.fromkeys(quoted(network.short) for network, _ in hits)]
    return composed(
        f"Eingetragen. Zurücknehmen: !brauche nicht {quoted(wish.text, 80)}",
        f"Das bieten: {', '.join(names[:5])}." if names else None,
        f"Noch verborgen. Zeigen: !steckbrief zeigen {NEED}" if NEED in own.hidden else None,
    )
