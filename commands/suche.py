"""!suche: who helps with what, and who looks for the same."""

from collections.abc import Sequence
from typing import Annotated

from commands import Answer, Context, command, composed, exists, page, quoted
from storage import folding, networks
from storage.models import Network
from storage.replies import Reply

_Hits = Sequence[tuple[Network, str]]


@command(
    "wer hilft wobei",
    example="!suche Eltern",
    aliases=("suchen", "finde", "wer bietet", "wer hilft bei"),
)
async def suche(ctx: Context, wort: Annotated[str, "worum es geht"]) -> Answer:
    """Offers that contain the words, mistyped or not; then who looks for it."""
    said, _, number = wort.rpartition(" Seite ")
    if not said or not number.isdecimal():
        said, number = wort, "1"
    if not folding.key_words(said):
        return "Wonach soll ich suchen? Zum Beispiel so: !suche Eltern"
    everyone = await networks.every(ctx.db, ctx.course)
    offers = networks.offering(everyone, said)
    needs = networks.seeking(everyone, said)
    return _found(said, int(number), offers, needs) if offers else _nothing(said, needs)


def _found(said: str, number: int, offers: _Hits, needs: _Hits) -> Reply:
    called = {entry for _, entry in offers}
    title = quoted(called.pop()) if len(called) == 1 else f"„{quoted(said, 40)}“"
    same = title[0] != "„"
    lines = [_line(network, "" if same else entry) for network, entry in offers]
    first, last = page(lines, number, size=5, room=300)
    more = last < len(lines)
    count = len({network.id for network, _ in offers})
    bids = "bietet 1 Netzwerk" if count == 1 else f"bieten {count} Netzwerke"
    text = composed(
        f"**{title} {bids}:**",
        *lines[first:last],
        f"Das suchen auch: {_names(needs)}." if needs else None,
        "Weiter: !mehr" if more else None,
        f"Einfach im Chat ansprechen oder !netzwerk {quoted(offers[first][0].short)}.",
    )
    return Reply(text, answers={"mehr": f"suche {said} Seite {number + 1}"} if more else {})


def _line(network: Network, entry: str) -> str:
    text = f"{quoted(network.short)} ({quoted(networks.state(network))})"
    return f"{text}: {quoted(entry)}" if entry else text


def _names(hits: _Hits) -> str:
    names = list(dict.fromkeys(quoted(network.short) for network, _ in hits))
    rest = f" und {len(names) - 5} weitere" if len(names) > 5 else ""
    return ", ".join(names[:5]) + rest


def _nothing(said: str, needs: _Hits) -> str:
    wanted = f" Gesucht wird es von: {_names(needs)}." if needs else ""
    return composed(
        f"„{quoted(said, 40)}“ bietet bisher niemand an.{wanted}",
        f"Wer helfen kann: !biete {quoted(said, 40)}" if exists("biete") else None,
        "Am besten im Raum Austausch in die Runde fragen. Alle Netzwerke: !netzwerke",
    )
