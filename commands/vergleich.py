"""!vergleich: what two networks share, where they differ, and what they have for each other."""

from collections.abc import Sequence
from typing import Annotated, Final

from commands import Answer, Context, UserError, choice, command, composed, quoted
from storage import folding, networks, profiles
from storage.models import Network

_KINDS: Final = {"mint_region": "MINT", "fachkraefte": "Fachkräfte"}
_BETWEEN: Final = ("und", "mit", "gegen", "vs", "zu")


@command(
    "zwei Netzwerke nebeneinander",
    example="!vergleich Wattkante Neckarhöhe",
    aliases=("vergleiche", "vergleichen"),
)
async def vergleich(
    ctx: Context, namen: Annotated[str, "zwei Netzwerke; bei einem ist das eigene das andere"]
) -> Answer:
    """Two names in any form; with one it is the asker's own network on the other side."""
    everyone = await networks.every(ctx.db, ctx.course)
    words = namen.split()
    for split in range(1, len(words)):
        left, right = words[:split], words[split:]
        right = right[1:] if folding.fold_words(right[0]) in _BETWEEN and right[1:] else right
        one, other = (networks.meant(everyone, " ".join(part)) for part in (left, right))
        if len(one) == len(other) == 1 and one[0] is not other[0]:
            return _compared(one[0], other[0])
    found = networks.meant(everyone, namen)
    own = await profiles.own(ctx.db, ctx.course, ctx.person)
    if own and len(found) == 1 and found[0].key != own.network.key and _named(found[0], namen):
        mine = next(n for n in await networks.every(ctx.db, ctx.course) if n.key == own.network.key)
        return _compared(mine, found[0])
    if len(found) > 1 and len(words) == 1:
        lines = {f"vergleich {n.key}": n.short for n in found}
        return choice(namen, lines, "Netzwerken")
    raise UserError(
        f"„{quoted(namen)}“: Darin erkenne ich keine zwei Netzwerke.\n"
        "So geht es: !vergleich Wattkante Neckarhöhe. Alle: !netzwerke liste"
    )


def _named(network: Network, typed: str) -> bool:
    """Whether all that was typed is its name: "Wattkante Atlantis" would be two."""
    name = folding.fold_words(f"{network.short} {network.name} {network.key}")
    words = folding.key_words(typed)
    return all(word in name or folding.nearest(word, name.split()) for word in words)


def _compared(one: Network, other: Network) -> str:
    names = quoted(one.short), quoted(other.short)
    traits = [(_traits(one)[name], _traits(other)[name]) for name in _traits(one)]
    same = [mine for mine, theirs in traits if mine == theirs and mine]
    apart = [f"{mine} / {theirs}" for mine, theirs in traits if mine != theirs]
    offers, needs = _common(one.offers, other.offers), _common(one.needs, other.needs)
    return composed(
        f"**{names[0]} und {names[1]}**",
        f"Gemeinsam: {', '.join(same)}" if same else None,
        f"Beide bieten: {', '.join(offers)}" if offers else None,
        f"Beide suchen: {', '.join(needs)}" if needs else None,
        None if same or offers or needs else "Auf dem Papier nichts gemeinsam",
        f"Verschieden ({names[0]} / {names[1]}): {', '.join(apart)}" if apart else None,
        _help(one, other),
        _help(other, one),
        f"Mehr: !netzwerk {names[0]}, !netzwerk {names[1]}",
    )


def _traits(network: Network) -> dict[str, str]:
    known = network.structure in ("stark", "schwach")
    return {
        "kind": _KINDS.get(network.kind, quoted(network.kind)),
        "area": networks.AREAS.get(network.area, quoted(network.area)),
        "structure": f"struktur{network.structure}" if known else quoted(network.structure),
        "state": quoted(networks.state(network)),
        "host": networks.HOSTS.get(network.host, quoted(network.host)),
        "since": f"seit {network.since}" if network.since else "",
    }


def _common(mine: Sequence[str], theirs: Sequence[str]) -> list[str]:
    known = {folding.fold_words(entry) for entry in theirs}
    return [quoted(entry) for entry in mine if folding.fold_words(entry) in known]


def _help(giver: Network, taker: Network) -> str | None:
    """What one of them offers and the other looks for."""
    fits = networks.exchange(networks.spoken(giver.offers), networks.spoken(taker.needs))
    told = ", ".join(quoted(offer) for offer, _ in fits)
    names = quoted(giver.short), quoted(taker.short)
    return f"{names[0]} bietet, was {names[1]} sucht: {told}" if fits else None
