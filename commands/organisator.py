"""!organisator: who leads the course, somebody more, or somebody less."""

from collections.abc import Sequence
from typing import Annotated, Final

from commands import Answer, Context, UserError, command, composed, preview, quoted
from storage import accounts, organisers, people, standing
from storage.replies import ORGA, Reply

_MORE: Final = ("dazu", "neu", "hinzu")
_LESS: Final = ("weg", "raus", "entfernen")
_HOW: Final = "!organisator dazu @name:server.de oder !organisator weg @name:server.de"
_SHOWN: Final = 6


@command(
    "wer den Kurs leitet",
    example="!organisator dazu @name:server.de",
    aliases=("organisatorin", "organisatoren", "lehrgangsleitung"),
    admin=True,
    ended=True,
)
async def organisator(
    ctx: Context,
    was: Annotated[str, "„dazu“ oder „weg“; ohne Wort: alle"] = "",
    wer: Annotated[str, "die volle Kennung, zum Beispiel @name:server.de"] = "",
) -> Answer:
    """With two of them, one asks and another one says yes; nobody can be the last to go."""
    leading = await organisers.every(ctx.db, ctx.course)
    orga = await standing.room_of(ctx.db, ctx.course.id, ORGA)
    there = [mxid for mxid in leading if orga in ctx.shared(mxid)]
    word = was.casefold()
    if not word:
        return _listed(leading, there)
    if word not in (*_MORE, *_LESS):
        raise UserError(f"So geht es: {_HOW}")
    typed, _, asker = wer.partition(" ") if ctx.confirmed else (wer, "", "")
    who = accounts.meant(typed, ctx.pills)
    if who is None:
        raise UserError(
            "Dazu brauche ich genau eine volle Kennung, keinen Namen: @name:server.de\n"
            "Sie steht in Element beim Profil der Person."
        )
    _possible(who, leading, there, more=word in _MORE)
    others = [mxid for mxid in there if mxid != ctx.sender]
    if asker == ctx.sender:
        raise UserError(f"Das muss jemand anderes bestätigen: {_names(others)}\nZurückziehen: nein")
    if not ctx.confirmed:
        return await _asked(ctx, who, others, more=word in _MORE)
    if word in _MORE:
        await organisers.add(ctx.db, ctx.course, who)
        inside = orga in ctx.shared(who)
        missing = "" if inside else "\nJetzt noch in diesen Raum einladen, vorher gilt es nicht."
        return f"**Neu in der Lehrgangsleitung:** {quoted(who, 255)}{missing}"
    await organisers.remove(ctx.db, ctx.course, who)
    name = quoted(who, 255)
    return f"**Nicht mehr in der Lehrgangsleitung:** {name}\nAus dem Raum entfernen: in Element."


def _possible(who: str, leading: Sequence[str], there: Sequence[str], *, more: bool) -> None:
    """Raise UserError where nothing would change, or nobody could lead the course any more."""
    name = quoted(who, 255)
    if more and who in leading:
        raise UserError(f"{name} gehört schon zur Lehrgangsleitung.")
    if not more and who not in leading:
        raise UserError(f"{name} gehört nicht zur Lehrgangsleitung. Alle: !organisator")
    if not more and not [mxid for mxid in there if mxid != who]:
        raise UserError(
            f"{name} bleibt: Sonst wäre niemand mehr da, der den Kurs leitet.\n"
            "Erst jemanden dazunehmen und in diesen Raum einladen: !organisator dazu …"
        )


async def _asked(ctx: Context, who: str, others: Sequence[str], *, more: bool) -> Reply:
    line = f"organisator {'dazu' if more else 'weg'} {who}"
    person = await people.by_mxid(ctx.db, ctx.course, who)
    title = "Neu in die Lehrgangsleitung?" if more else "Aus der Lehrgangsleitung nehmen?"
    known = f"Nimmt selbst am Kurs teil: {person.key}" if person else None
    lines = (f"**{title}** {quoted(who, 255)}", known, _EFFECT if more else None)
    if not others:
        return preview(line, *lines)
    alone = others == [who]
    text = composed(
        *lines,
        f"Bestätigen muss jemand anderes aus der Lehrgangsleitung: {_names(others)}",
        _STUCK if alone and not more else None,
        "ja oder nein, 10 Minuten lang",
    )
    answers = {"ja": f"{line} {ctx.sender}"}
    return Reply(text, answers=answers, confirms=True, by_another=True)


_EFFECT: Final = "Darf dann alles, was hier geht, und sieht die Anwesenheit aller."
_STUCK: Final = "Geht das nicht: erst aus diesem Raum entfernen, danach genügt das eigene ja."


def _names(people: Sequence[str]) -> str:
    shown = ", ".join(quoted(mxid, 60) for mxid in people[:3])
    return shown + (" …" if len(people) > 3 else "")


def _listed(leading: Sequence[str], there: Sequence[str]) -> str:
    lines = [
        f"{quoted(mxid, 80)}{'' if mxid in there else ': nicht in diesem Raum, darf nichts'}"
        for mxid in leading[:_SHOWN]
    ]
    more = f"und {len(leading) - _SHOWN} weitere" if len(leading) > _SHOWN else None
    return composed(f"**Lehrgangsleitung** ({len(leading)})", *lines, more, f"Ändern: {_HOW}")
