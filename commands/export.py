"""!export: what organisers take along as files, the attendance for the chamber first of all."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Final, NamedTuple

from commands import Answer, Context, UserError, command, composed, quoted
from storage import attendance, audit, exports, folding, meetings, proof
from storage.lists import spreadsheet
from storage.lists.spreadsheet import EXCEL, MIMETYPE, Rows
from storage.models import Meeting
from storage.proof import STATES
from storage.replies import File, Reply

_PROOF: Final = ("teilnahme", "anwesenheit", "teilnahmeliste", "ihk")


class _List(NamedTuple):
    """What people call it, what stands in it, and a word about that; some go by dates."""

    words: Sequence[str]
    rows: Callable[[Context, Sequence[Meeting]], Awaitable[Rows]]
    note: str = ""
    by_date: bool = False


_LISTS: Final[Mapping[str, _List]] = {
    "wahl": _List(
        ("wahlen", "abstimmung", "abstimmungen", "umfragen", "ergebnis", "wahlergebnis"),
        lambda ctx, _: exports.counts(ctx.db, ctx.course, ctx.now),
        "Nur Summen beendeter Abstimmungen, keine einzelnen Stimmen.",
    ),
    "rückmeldungen": _List(
        ("rueckmeldung", "feedback", "bewertungen"),
        lambda ctx, dates: exports.ratings(ctx.db, ctx.course, dates, ctx.now),
        "Ohne Namen und nur zu Webinaren, zu denen genug Rückmeldungen da sind.",
        by_date=True,
    ),
    "fragen": _List(
        ("frage",),
        lambda ctx, dates: exports.asked(ctx.db, ctx.course, dates),
        "Mit Namen nur, wer das wollte. Für die Referierenden: !mappe",
        by_date=True,
    ),
    "tipps": _List(("tipp",), lambda ctx, _: exports.kept_tips(ctx.db, ctx.course)),
    "stimmen": _List(
        ("stimme", "zitate", "zitat"),
        lambda ctx, _: exports.voices(ctx.db, ctx.course),
        "Weitergeben nur so, wie es in der Spalte „erlaubt“ steht.",
    ),
    "netzwerke": _List(
        ("netzwerkliste", "verzeichnis"),
        lambda ctx, _: exports.directory(ctx.db, ctx.course),
        "Wie alle im Kurs sie sehen: ohne das, was verborgen ist.",
    ),
}
_WORDS: Final = {
    folding.fold_words(word): kind for kind in _LISTS for word in (kind, *_LISTS[kind].words)
}
_FORMATS: Final = ("excel", "csv", "xlsx", "als", "datei", "liste", "und", "zu")
_THERE: Final = f"teilnahme, {', '.join(_LISTS)}"


@command("Listen als Datei, auch die für die IHK", example="!export", admin=True, ended=True)
async def export(
    ctx: Context, was: Annotated[str, f"{_THERE}; auch: w3 rückmeldungen"] = ""
) -> Answer:
    """Always both files; who may not be named in the chat is not named in them either."""
    words = [word for word in folding.fold_words(was).split() if word not in _FORMATS]
    if not words or (len(words) == 1 and words[0] in _PROOF):
        answer = await _attendance(ctx)
    else:
        kinds = {_WORDS[word] for word in words if word in _WORDS}
        rest = " ".join(word for word in words if word not in _WORDS)
        if len(kinds) != 1:
            raise UserError(f"Was soll in die Datei? Es gibt: {_THERE}. So: !export w3 fragen")
        answer = await _listed(ctx, kinds.pop(), rest)
    await audit.note(ctx.db, ctx.course, ctx.sender, f"!export {quoted(was)}".strip(), ctx.now)
    return answer


async def _attendance(ctx: Context) -> Reply:
    """What is confirmed counts as exported then; changed afterwards, it is to be exported again."""
    found = await proof.proof(ctx.db, ctx.course, ctx.now)
    if not found.lines:
        raise UserError("Es sind noch keine Teilnehmenden eingetragen.")
    rows = await proof.table(ctx.db, ctx.course, found)
    await attendance.export(ctx.db, found.entries)
    total = found.lines[0].account
    counts = ", ".join(f"{count} {state}" for state in STATES if (count := found.count(state)))
    text = composed(
        f"**Teilnahme von {len(found.lines)} Personen** (Excel und CSV hängen an)",
        f"Nötig: {total.required} von {total.total} UE ({ctx.course.quota_percent} Prozent)",
        f"Bisher: {counts}",
        f"Offen, noch nicht bestätigt: {found.open} Einträge. Weiter: !anwesend"
        if found.open
        else "Alle vergangenen Termine sind bestätigt.",
        "Die Dateien enthalten personenbezogene Daten. Verbindlich entscheidet die IHK.",
    )
    return await _with_files(ctx, _PROOF[0], rows, text)


async def _listed(ctx: Context, kind: str, rest: str) -> Reply:
    wanted = _LISTS[kind]
    if rest and not wanted.by_date:
        raise UserError(f"Das gibt es nur als Ganzes: !export {kind}")
    dates = await meetings.every(ctx.db, ctx.course)
    if rest:
        dates = await meetings.matching(ctx.db, ctx.course, rest, ctx.today)
        if len(dates) != 1:
            raise UserError(
                f"„{quoted(rest, 30)}“ ist kein einzelner Termin. So: !export w3 {kind}"
            )
    rows = await wanted.rows(ctx, dates)
    if len(rows) < 2:
        raise UserError(f"{kind.capitalize()}{rest and f' zu {dates[0].key}'}: noch nichts da.")
    count = "1 Zeile" if len(rows) == 2 else f"{len(rows) - 1} Zeilen"
    title = f"**{kind.capitalize()}: {count}** (Excel und CSV hängen an)"
    return await _with_files(ctx, kind.replace("ü", "ue"), rows, composed(title, wanted.note))


async def _with_files(ctx: Context, kind: str, rows: Rows, text: str) -> Reply:
    safe = re.sub(r"[^A-Za-z0-9_-]+", "-", ctx.course.key).strip("-") or "kurs"
    name = f"{safe[:60]}-{kind}-{ctx.today:%Y-%m-%d}"
    book = File(f"{name}.xlsx", EXCEL, await spreadsheet.excel(rows))
    return Reply(text, file=book, copy=File(f"{name}.csv", MIMETYPE, spreadsheet.file(rows)))
