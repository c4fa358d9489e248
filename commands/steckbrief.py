"""!steckbrief: one's own network as the others see it, and what they do not see."""

from typing import Annotated

from commands import Answer, Context, UserError, command, composed, preview, quoted
from storage import folding, networks, profiles
from storage.profiles import PARTS, Own

_KINDS = {"mint_region": "MINT-Netzwerk", "fachkraefte": "Fachkräftenetzwerk"}


@command(
    "das eigene Netzwerk, wie alle es sehen",
    example="!steckbrief verbergen partner",
    aliases=("vorstellen", "meinnetzwerk", "mein profil"),
)
async def steckbrief(
    ctx: Context, wahl: Annotated[str, "„verbergen“ oder „zeigen“ und ein Teil, etwa partner"] = ""
) -> Answer:
    """Everything about it, and which parts are hidden; those can be shown and hidden here."""
    own = await profiles.own(ctx.db, ctx.course, ctx.person)
    if own is None or ctx.person is None:
        raise UserError(profiles.NO_NETWORK)
    verb, _, typed = folding.fold_words(wahl).partition(" ")
    if not folding.nearest(verb, ("zeigen", "verbergen")):
        if not ctx.direct:
            everyone = await networks.every(ctx.db, ctx.course)
            seen = next(network for network in everyone if network.key == own.network.key)
            own = Own(seen, frozenset())
        return _shown(own)
    part = _part(typed)
    hides = verb.startswith("v")
    if hides == (part in own.hidden):
        return f"{PARTS[part]}: schon {'verborgen' if hides else 'sichtbar'}."
    if hides:
        await profiles.hide(ctx.db, own, ctx.person, part, ctx.now)
        return f"{PARTS[part]} verborgen. Wieder zeigen: !steckbrief zeigen {part}"
    if ctx.confirmed:
        await profiles.show(ctx.db, own, part)
        return f"{PARTS[part]} wieder sichtbar. Ansehen: !netzwerk {quoted(own.network.short)}"
    return preview(f"steckbrief zeigen {part}", f"{PARTS[part]} allen im Kurs zeigen?")


def _part(typed: str) -> str:
    words = {folding.fold_words(word): part for part in PARTS for word in (part, PARTS[part])}
    near = {words[word] for word in folding.nearest(typed, words)}
    if len(near) != 1:
        parts = ", ".join(PARTS)
        raise UserError(f"Welcher Teil? Es gibt {parts}. So: !steckbrief verbergen partner")
    return near.pop()


def _shown(own: Own) -> str:
    network = own.network
    since = f"seit {network.since}" if network.since else ""
    kind = (_KINDS.get(network.kind, ""), quoted(networks.state(network)), since)
    hidden = [part for part in PARTS if part in own.hidden]
    seen = f"verborgen: {', '.join(hidden)}" if hidden else "so sehen ihn alle"
    return composed(
        f"**Steckbrief {quoted(network.short)}** ({seen})",
        ", ".join(filter(None, kind)),
        f"„{quoted(network.sentence, 160)}“" if network.sentence else None,
        f"Bietet: {_listed(network.offers)}",
        f"Sucht: {_listed(network.needs)}",
        "Ändern: !biete …, !brauche …, !satz …",
        f"Wieder zeigen: !steckbrief zeigen {hidden[0]}"
        if hidden
        else "Nicht alles zeigen: !steckbrief verbergen partner",
        "Falsch? !orga",
    )


def _listed(entries: list[str]) -> str:
    return ", ".join(quoted(entry) for entry in entries) or "noch nichts eingetragen"
