"""!netzwerke: who takes part, filtered and page by page."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Final, NamedTuple

from commands import Answer, Context, UserError, command, composed, page, quoted
from storage import folding, networks
from storage.models import Network
from storage.replies import Reply

_NOUNS: Final = {
    "mint_region": ("MINT-Netzwerk", "MINT-Netzwerke"),
    "fachkraefte": ("Fachkräftenetzwerk", "Fachkräftenetzwerke"),
}
_ALL: Final = ("alle", "alphabetisch", "liste", "gesamt", "alphabet", "weitere")


class _Filter(NamedTuple):
    """A column of the networks with the value it must have, and how that is said."""

    column: str
    value: str
    phrase: str


_ORDER: Final = ("kind", "status", "area", "structure", "state", "host")
"""In which order filters make a phrase."""

_WORDS: Final[Mapping[str, _Filter]] = {
    **dict.fromkeys(
        ("laendlich", "laendliche", "land", "laendlicher raum"),
        _Filter("area", "laendlich", "in ländlichen Gebieten"),
    ),
    **dict.fromkeys(
        ("urban", "stadt", "staedtisch", "staedtische"),
        _Filter("area", "urban", "in städtischen Gebieten"),
    ),
    "gemischt": _Filter("area", "gemischt", "in gemischten Gebieten"),
    "strukturschwach": _Filter("structure", "schwach", "in strukturschwachen Gebieten"),
    "strukturstark": _Filter("structure", "stark", "in strukturstarken Gebieten"),
    **dict.fromkeys(("mint", "mint region"), _Filter("kind", "mint_region", "für MINT")),
    **dict.fromkeys(
        ("fachkraefte", "fachkraeftenetzwerk"), _Filter("kind", "fachkraefte", "für Fachkräfte")
    ),
    **dict.fromkeys(("aufbau", "im aufbau"), _Filter("status", "aufbau", "im Aufbau")),
    "etabliert": _Filter("status", "etabliert", "mit Erfahrung"),
    **{
        folding.fold_words(word): _Filter("state", code, f"{'im' if code == 'SL' else 'in'} {name}")
        for code, name in networks.STATES.items()
        for word in (code, name)
    },
    "nrw": _Filter("state", "NW", "in Nordrhein-Westfalen"),
    **{
        folding.fold_words(name): _Filter("host", key, f"mit Träger {name}")
        for key, name in networks.HOSTS.items()
    },
}


@command(
    "wer ist dabei",
    example="!netzwerke ländlich",
    aliases=("netzwerkliste", "netzwerkübersicht", "wer ist dabei", "wer macht mit"),
)
async def netzwerke(
    ctx: Context,
    auswahl: Annotated[str, "Gebiet, Bundesland oder Träger, oder „liste“"] = "",
) -> Answer:
    """How many there are; with words like "ländlich" or "Bayern" those they fit."""
    everyone = await networks.every(ctx.db, ctx.course)
    if not everyone:
        return "Es sind noch keine Netzwerke eingetragen. Fragen: !orga"
    said = folding.fold_words(auswahl)
    found = re.fullmatch(r"(.*?) ?\bseite (\d+)", said)
    said, number = (found[1], int(found[2])) if found else (said, 1)
    if not said and not found:
        return _overview(everyone)
    filters = _filters(said)
    fits = _fitting(everyone, filters)
    phrase = _phrase(filters)
    if not filters and said and said not in _ALL:
        fits, phrase = folding.look_up(said, _names(everyone)), f" zu „{quoted(auswahl, 30)}“"
        fits = fits or _concerned(everyone, said)
        if not fits:
            raise UserError(f"Zu „{quoted(auswahl)}“ finde ich nichts. Alle: !netzwerke liste")
    return _listed(networks.alphabetically(fits), phrase, said or "liste", number)


def _fitting(everyone: Sequence[Network], filters: Sequence[_Filter]) -> list[Network]:
    """Any of what is wanted in one respect, all of it in different ones."""
    wanted: dict[str, set[str]] = {}
    for one in filters:
        wanted.setdefault(one.column, set()).add(one.value)
    return [n for n in everyone if all(getattr(n, c) in values for c, values in wanted.items())]


def _phrase(filters: Sequence[_Filter]) -> str:
    text = ""
    for number, one in enumerate(filters):
        akin = any(one.column == before.column for before in filters[:number])
        text += f"{' oder' if akin else ''} {one.phrase}"
    return text


def _concerned(everyone: Sequence[Network], said: str) -> list[Network]:
    """Who offers or seeks something like this, each once."""
    hits = [*networks.offering(everyone, said), *networks.seeking(everyone, said)]
    return list({network.id: network for network, _ in hits}.values())


def _names(everyone: Sequence[Network]) -> dict[str, list[Network]]:
    named: dict[str, list[Network]] = {}
    for network in everyone:
        for text in (network.short, network.name, network.host_text):
            named.setdefault(folding.fold_words(text), []).append(network)
    return named


def _filters(said: str) -> list[_Filter]:
    """The filters meant, all of which must hold; mistyped words count as the nearest one."""
    whole = [said] if said in _WORDS else folding.nearest(said, _WORDS)
    if len({_WORDS[word] for word in whole}) == 1:
        return [_WORDS[whole[0]]]
    near = [folding.nearest(word, _WORDS) for word in folding.key_words(said)]
    clear = all(len({_WORDS[word] for word in words}) == 1 for words in near)
    found = dict.fromkeys(_WORDS[words[0]] for words in near) if clear else {}
    return sorted(found, key=lambda one: _ORDER.index(one.column))


def _overview(everyone: Sequence[Network]) -> str:
    kinds = Counter(network.kind for network in everyone)
    parts = [f"{count} {_noun(kind, count)}" for kind, count in kinds.most_common(4)]
    count = "1 Netzwerk" if len(everyone) == 1 else f"{len(everyone)} Netzwerke"
    return composed(
        f"**{count} im Kurs**: {', '.join(parts)}.",
        f"Filtern: {', '.join(f'!netzwerke {word}' for word in _examples(everyone))}",
        "Alphabetisch: !netzwerke liste",
        f"Ein Netzwerk: !netzwerk {quoted(everyone[0].short)}",
        "Wer hilft wobei: !suche Eltern",
    )


def _noun(kind: str, count: int) -> str:
    one, many = _NOUNS.get(kind, ("weiteres", "weitere"))
    return one if count == 1 else many


def _examples(everyone: Sequence[Network]) -> list[str]:
    """The most frequent area, state and host: filters which find something."""
    area, state, host = (
        Counter(getattr(network, column) for network in everyone).most_common(1)[0][0]
        for column in ("area", "state", "host")
    )
    words = (networks.AREAS.get(area), networks.STATES.get(state), networks.HOSTS.get(host))
    return [word for word in words if word] or ["liste"]


def _listed(fits: Sequence[Network], phrase: str, said: str, number: int) -> Reply:
    if not fits:
        return Reply(f"Kein Netzwerk{phrase}. Alle: !netzwerke liste")
    lines = [f"{quoted(n.short)}, {quoted(networks.state(n))}" for n in fits]
    first, last = page(lines, number, size=5)
    more = last < len(lines)
    span = f" ({first + 1} bis {last})" if last - first < len(lines) else ""
    count = "1 Netzwerk" if len(fits) == 1 else f"{len(fits)} Netzwerke"
    text = composed(
        f"**{count}{phrase}**{span}",
        *lines[first:last],
        "Weiter: !mehr" if more else f"Mehr zu einem: !netzwerk {quoted(fits[first].short)}",
    )
    return Reply(text, answers={"mehr": f"netzwerke {said} seite {number + 1}"} if more else {})
