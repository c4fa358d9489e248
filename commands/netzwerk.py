"""!netzwerk: one network on a card."""

from typing import Final

from commands import Context, command, composed, quoted
from storage import networks
from storage.models import Network

_PARTNERS: Final = {
    "unternehmen": ("Unternehmen", "Unternehmen"),
    "schulen": ("Schule", "Schulen"),
    "kitas": ("Kita", "Kitas"),
    "hochschulen": ("Hochschule", "Hochschulen"),
    "kammern": ("Kammer", "Kammern"),
    "verwaltung": ("Verwaltung", "Verwaltungen"),
    "bildungstraeger": ("Bildungsträger", "Bildungsträger"),
}


@command("ein Netzwerk im Porträt", example="!netzwerk Wattkante", aliases=("wer ist",))
async def netzwerk(ctx: Context, name: Network) -> str:
    """Where it is, who carries it, what it offers and seeks, and whom to talk to."""
    people = await networks.contacts(ctx.db, ctx.course, name)
    contact = ", ".join(quoted(person.display) for person in people[:3])
    where = quoted(networks.state(name))
    return composed(
        f"**{quoted(name.name, 90)}**" + (f" ({where})" if where else ""),
        _character(name),
        f"„{quoted(name.sentence, 160)}“" if name.sentence else None,
        f"Träger: {quoted(name.host_text or networks.HOSTS.get(name.host, name.host), 90)}",
        _partners(name),
        f"Bietet: {_listed(name.offers) or 'noch nichts eingetragen'}",
        f"Sucht: {_listed(name.needs) or 'noch nichts eingetragen'}",
        f"Kontakt im Chat: {contact}" if contact else None,
    )


def _character(network: Network) -> str:
    area = networks.AREAS.get(network.area, quoted(network.area))
    known = network.structure in ("stark", "schwach")
    structure = f"struktur{network.structure}" if known else quoted(network.structure)
    since = f"seit {network.since}" if network.since else ""
    text = ", ".join(filter(None, (area, structure, since)))
    return text[:1].upper() + text[1:]


def _partners(network: Network) -> str | None:
    counts = [(kind, count) for kind, count in network.partners.items() if count]
    shown = [f"{count} {_noun(kind, count)}" for kind, count in counts[:3]]
    others = quoted(network.other_partners) if not shown else "weitere"
    if len(counts) > 3 or network.other_partners:
        return f"Partner: {' und '.join(filter(None, (', '.join(shown), others)))}"
    return f"Partner: {', '.join(shown)}" if shown else None


def _noun(kind: str, count: int) -> str:
    one, many = _PARTNERS.get(kind, (kind.capitalize(), kind.capitalize()))
    return one if count == 1 else many


def _listed(entries: list[str]) -> str:
    shown = ", ".join(quoted(entry) for entry in entries[:4])
    return f"{shown} und {len(entries) - 4} weitere" if len(entries) > 4 else shown
