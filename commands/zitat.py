"""!zitat: voices from the course, each as far as its author agrees."""

import re
from typing import Annotated

from commands import (
    CLOSED,
    Answer,
    Context,
    UserError,
    choice,
    command,
    composed,
    page,
    preview,
    quoted,
)
from storage import folding, quotes
from storage.models import Person
from storage.quotes import CONSENTS, LONGEST, NAME, Shown
from storage.replies import ORGA, Reply

_BACK = ("zurueck", "zurueckziehen", "weg", "loeschen", "nicht", "widerrufen")


@command(
    "Stimmen aus dem Kurs",
    example="!zitat Endlich Leute mit denselben Fragen.",
    aliases=("zitate", "zitieren"),
)
async def zitat(
    ctx: Context, text: Annotated[str, "was zitiert werden darf; „zurück“ nimmt es zurück"] = ""
) -> Answer:
    """Without a text those there are; with one it is asked how it may be used."""
    said = folding.fold_words(text)
    turned = re.fullmatch(r"seite (\d+)", said)
    if not said or turned:
        return await _listed(ctx, int(turned[1]) if turned else 1)
    if ctx.person is None:
        raise UserError("Zitate gibt es nur von Teilnehmenden. Ansehen: !zitate")
    if not ctx.direct:
        return "Zitate bitte mir direkt schreiben: Es gehört eine Frage dazu, die nur zwei angeht."
    back = re.fullmatch(rf"(?:{'|'.join(_BACK)}) ?(\d*)", said)
    if back:
        return await _withdrawn(ctx, ctx.person, back[1])
    if ctx.course.closed:
        raise UserError(CLOSED)
    chosen = re.fullmatch(rf"({'|'.join(CONSENTS)}): (.+)", text)
    if chosen and ctx.confirmed:
        await quotes.say(ctx.db, ctx.person, chosen[2], chosen[1], ctx.now)
        return f"Danke! Vermerkt: {CONSENTS[chosen[1]]}. Ändern oder zurücknehmen: !zitat zurück"
    return await _asked(ctx, ctx.person, text)


async def _asked(ctx: Context, person: Person, text: str) -> Reply:
    entry = quoted(text, LONGEST + 1)
    if len(entry) > LONGEST:
        raise UserError(f"Bitte kürzer: höchstens {LONGEST} Zeichen.")
    if len(await quotes.mine(ctx.db, person)) >= quotes.MOST:
        raise UserError(f"{quotes.MOST} Zitate sind genug. Eines zurücknehmen: !zitat zurück")
    named = CONSENTS | {NAME: f"mit dem Namen hier: {quoted(person.display, 40)}"}
    lines = [f"{number} – {said}" for number, said in enumerate(named.values(), 1)]
    return Reply(
        composed(
            f"**„{entry}“**",
            "Wie darf das zitiert werden?",
            *lines,
            "Bitte mit der Zahl antworten.",
        ),
        answers={str(n): f"zitat {consent}: {entry}" for n, consent in enumerate(CONSENTS, 1)},
        confirms=True,
    )


async def _withdrawn(ctx: Context, person: Person, number: str) -> Answer:
    rows = [row for row in await quotes.mine(ctx.db, person) if number in ("", str(row.id))]
    if not rows:
        raise UserError("Es gibt kein eigenes Zitat. Eines beitragen: !zitat und dahinter der Satz")
    if len(rows) > 1:
        lines = {f"zitat zurueck {row.id}": f"„{quoted(row.text, 40)}“" for row in rows}
        return choice("zurück", lines, "Zitaten")
    if ctx.confirmed:
        await quotes.withdraw(ctx.db, rows[0])
        return "Zurückgenommen und vergessen."
    return preview(
        f"zitat zurueck {rows[0].id}", "Zurücknehmen?", f"**„{quoted(rows[0].text, LONGEST)}“**"
    )


async def _listed(ctx: Context, number: int) -> Reply:
    internal = ctx.organiser and ctx.place == ORGA
    lines = [_line(quote) for quote in await quotes.every(ctx.db, ctx.course, internal=internal)]
    how = "Eines beitragen: !zitat und dahinter der Satz, direkt an mich"
    if not lines:
        return Reply(f"Es gibt noch keine Zitate. {how}")
    first, last = page(lines, number, size=5)
    more = last < len(lines)
    text = composed(
        "**Stimmen aus dem Kurs**", *lines[first:last], "Weiter: !mehr" if more else how
    )
    return Reply(text, answers={"mehr": f"zitat seite {number + 1}"} if more else {})


def _line(quote: Shown) -> str:
    intern = " (intern)" if quote.consent == quotes.INTERNAL else ""
    by = f", {quoted(quote.by)}" if quote.by else ""
    return f"„{quoted(quote.text, 200)}“{by}{intern}"
