"""!hilfe: what the asker may do, and how one command works."""

import inspect
from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Annotated, Final

from commands import Answer, Command, Context, command, composed, discover, page, quoted
from storage import folding
from storage.models import Meeting, Network
from storage.replies import ORGA, Reply

_FIRST: Final = ("programm", "link", "material", "netzwerke", "suche", "themen", "orga")
_MEANING: Final[Mapping[object, str]] = {
    Meeting: "ein Termin (Nummer, Tag oder ein Wort aus dem Thema)",
    Meeting | None: "ein Termin (Nummer, Tag oder ein Wort aus dem Thema)",
    Network: "ein Netzwerk (Name oder ein Teil davon)",
    Network | None: "ein Netzwerk (Name oder ein Teil davon)",
    int: "eine Zahl",
    date: "ein Datum",
    time: "eine Uhrzeit",
}


@command(
    "was ich kann",
    example="!hilfe programm",
    aliases=("help", "befehle", "anleitung"),
    phrases={"alle befehle": "alle"},
)
async def hilfe(ctx: Context, befehl: Annotated[str, "ein Befehl, oder „alle“"] = "") -> Answer:
    """The most useful commands; all with "alle"; one explained by its name."""
    allowed = _allowed(ctx)
    said = folding.fold_words(befehl)
    if not said:
        return _short(allowed)
    word, _, number = said.partition(" seite ")
    if word in ("alle", "alles"):
        return _everything(allowed, int(number) if number.isdecimal() else 1)
    found = _meant(said.replace(" ", ""), allowed.values())
    if found is None:
        return f"„{quoted(befehl, 40)}“ kenne ich nicht. Alles, was ich kann: !hilfe alle"
    return _explained(found)


def _allowed(ctx: Context) -> dict[str, Command]:
    """Organisers' commands are for their own room only."""
    leading = ctx.organiser and ctx.place == ORGA
    return {name: c for name, c in sorted(discover().items()) if leading or not c.admin}


def _short(allowed: Mapping[str, Command]) -> str:
    leading = [f"!{c.name}" for c in allowed.values() if c.admin]
    return composed(
        "Ich bin der Kursbot und antworte automatisch.",
        *(_line(allowed[name]) for name in _FIRST if name in allowed),
        f"Für die Lehrgangsleitung: {', '.join(leading)}" if leading else None,
        "Alles: !hilfe alle. Groß, klein, ä oder ae: egal.",
    )


def _line(shown: Command) -> str:
    """With its example where nothing happens without an argument."""
    needs = any(p.default is p.empty for p in shown.parameters)
    return f"{shown.example if needs and shown.example else _typed(shown)} – {shown.help}"


def _typed(shown: Command) -> str:
    return f"!{shown.name}"


def _everything(allowed: Mapping[str, Command], number: int) -> Reply:
    lines = [_line(c) + (" (Leitung)" if c.admin else "") for c in allowed.values()]
    first, last = page(lines, number, size=9, room=440)
    more = last < len(lines)
    text = composed(
        f"**Alles, was ich kann** ({first + 1} bis {last} von {len(lines)})",
        *lines[first:last],
        "Mehr zu einem: !hilfe programm",
        "Weiter: !mehr" if more else None,
    )
    return Reply(text, answers={"mehr": f"hilfe alle seite {number + 1}"} if more else {})


def _meant(typed: str, allowed: Iterable[Command]) -> Command | None:
    """By name or by another word for it, mistyped or not; never an organisers' one by mistake."""
    words: dict[str, Command] = {}
    for one in sorted(allowed, key=lambda one: one.admin):  # a word of both is the organisers'
        for word in (one.name, *one.aliases, *one.phrases):
            words[folding.fold_words(word).replace(" ", "")] = one
    if typed in words:
        return words[typed]
    near = {words[word].name: words[word] for word in folding.nearest(typed, words)}
    only = next(iter(near.values()), None)
    return only if len(near) == 1 and only and not only.admin else None


def _explained(shown: Command) -> str:
    others = [f"!{word}" for word in (*shown.aliases, *shown.phrases)][:5]
    return composed(
        f"**{_typed(shown)}** – {shown.help}",
        *(_argument(parameter) for parameter in shown.parameters),
        f"Beispiel: {shown.example or _typed(shown)}",
        f"Geht auch: {', '.join(others)}" if others else None,
        "Nur für die Lehrgangsleitung, in ihrem Raum." if shown.admin else None,
        "Alles, was ich kann: !hilfe alle",
    )


def _argument(parameter: inspect.Parameter) -> str:
    must = parameter.default is parameter.empty
    told = getattr(parameter.annotation, "__metadata__", ())
    meaning = told[0] if told else _MEANING.get(parameter.annotation, parameter.name.capitalize())
    return f"{'Dahinter gehört' if must else 'Dahinter kann stehen'}: {meaning}"
