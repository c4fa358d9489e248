"""!tipps: what is worth keeping, from people who agreed to it."""

import re
from typing import Annotated

from commands import (
    CLOSED,
    Answer,
    Context,
    Quoted,
    UserError,
    choice,
    command,
    composed,
    page,
    preview,
    quoted,
)
from storage import calendar, folding, people, tips
from storage.models import Person, Tip
from storage.replies import INFO, ROOM_NAMES, TALK, Reply, Whisper
from storage.tips import LONGEST


@command(
    "Tipps aus dem Kurs",
    example="!tipp Vor dem ersten Treffen alle einzeln anrufen",
    aliases=("tipp",),
    emoji="💡",
)
async def tipps(
    ctx: Context, text: Annotated[str, "ein eigener Tipp; „zurück“ nimmt ihn zurück"] = ""
) -> Answer:
    """Without a text those there are; an own one is asked back, as everybody will see it."""
    if ctx.quoted is not None:
        await _proposed(ctx, ctx.quoted)
        return None
    said = folding.fold_words(text)
    turned = re.fullmatch(r"seite (\d+)", said)
    if not said or turned:
        return await _listed(ctx, int(turned[1]) if turned else 1)
    if ctx.person is None:
        raise UserError("Tipps gibt es nur von Teilnehmenden. Ansehen: !tipps")
    known = re.fullmatch(r"(ja|nein|zurueck|weg|nicht)(?: (\d+))?", said)
    if known and (known[2] or known[1] not in ("ja", "nein")):
        return await _decided(ctx, ctx.person, known[1], known[2])
    return await _given(ctx, ctx.person, text)


async def _proposed(ctx: Context, message: Quoted) -> None:
    """Ask the author, alone; the room hears nothing of it."""
    author = await people.by_mxid(ctx.db, ctx.course, message.sender)
    entry = quoted(message.text, LONGEST)
    if ctx.course.closed or author is None or ctx.place not in (TALK, INFO) or not entry:
        return
    here, key = ctx.course.id, author.key
    tip = Tip(course_id=here, person=key, event_id=message.event_id, text=entry, at=ctx.now)
    number = await tips.put(ctx.db, tip)
    if number is None:
        return
    sent = ctx.course.local(message.sent)
    lines = {"ja": f"tipps ja {number}", "nein": f"tipps nein {number}"}
    text = (
        f"Jemand möchte die Nachricht vom {calendar.short(sent.date())}, "
        f"{calendar.clock(sent.time())} Uhr, im Raum {ROOM_NAMES[ctx.place]} als Tipp behalten. "
        "Für alle im Kurs merken, mit dem Namen des Netzwerks?\n"
        "ja oder nein schreiben, oder 👍 auf diese Nachricht. "
        "Ohne Antwort vergesse ich sie nach einem Tag."
    )
    thumbs = {"👍": lines["ja"], "👎": lines["nein"]}
    ctx.also.append(Whisper(message.sender, text, lines, reactions=thumbs))


async def _decided(ctx: Context, person: Person, verb: str, number: str | None) -> Answer:
    rows = [t for t in await tips.mine(ctx.db, ctx.course, person) if number in (None, str(t.id))]
    if not rows:
        raise UserError("Den Tipp gibt es nicht mehr, oder er ist nicht vom eigenen Konto.")
    if len(rows) > 1:
        lines = {f"tipps zurueck {row.id}": f"„{quoted(row.text, 40)}“" for row in rows}
        return choice("zurück", lines, "Tipps")
    if verb == "ja":
        await tips.agree(ctx.db, rows[0], ctx.now)
        return f"Danke, gemerkt. Zurücknehmen: !tipps zurück {rows[0].id}"
    if verb == "nein" and rows[0].agreed:
        return f"Der Tipp ist schon gemerkt. Zurücknehmen: !tipps zurück {rows[0].id}"
    if verb == "nein" or ctx.confirmed:
        await tips.drop(ctx.db, rows[0])
        return "Gut, vergessen."
    line, shown = f"tipps zurueck {rows[0].id}", _line(rows[0].text, "")
    return preview(line, "Diesen Tipp zurücknehmen?", shown)


async def _given(ctx: Context, person: Person, text: str) -> Answer:
    entry = quoted(text, LONGEST)
    if ctx.course.closed:
        raise UserError(CLOSED)
    if not folding.fold_words(entry):
        raise UserError("Welcher Tipp? Zum Beispiel: !tipp Vorher alle einzeln anrufen")
    if not ctx.confirmed:
        return preview(f"tipps {entry}", "Als Tipp für alle im Kurs merken?", f"**„{entry}“**")
    tip = Tip(
        course_id=ctx.course.id,
        person=person.key,
        event_id=ctx.event_id,
        text=entry,
        agreed=True,
        at=ctx.now,
    )
    number = await tips.put(ctx.db, tip)
    return f"Gemerkt, danke! Zurücknehmen: !tipps zurück {number}"


async def _listed(ctx: Context, number: int) -> Reply:
    lines = [_line(tip.text, tip.by) for tip in await tips.every(ctx.db, ctx.course)]
    how = "Einen beitragen: !tipp und dahinter der Satz, oder 💡 auf eine Nachricht im Raum"
    if not lines:
        return Reply(f"Es gibt noch keine Tipps. {how}")
    first, last = page(lines, number, size=5)
    more = last < len(lines)
    text = composed("**Tipps aus dem Kurs**", *lines[first:last], "Weiter: !mehr" if more else how)
    return Reply(text, answers={"mehr": f"tipps seite {number + 1}"} if more else {})


def _line(text: str, by: str) -> str:
    return f"– {quoted(text, 200)}" + (f" ({quoted(by)})" if by else "")
