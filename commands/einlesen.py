"""!einlesen: take over a list of participants, or the course file, that was uploaded."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Annotated, Final

from commands import Answer, Context, Undone, UserError, command, composed, exists, preview, quoted
from storage import uploads
from storage.course_files import course_reading, course_upload
from storage.lists import enrolment, participants, spreadsheet
from storage.lists.enrolment import Plan
from storage.lists.participants import Remark, Sheet
from storage.models import Upload
from storage.replies import File, Reply

_NOTHING: Final = (
    "Hier liegt keine neue Datei. Bitte die Teilnehmenden (CSV, Excel) oder die Kursdatei (TOML) "
    "in diesen Raum hochladen und innerhalb von 15 Minuten !import schreiben."
)
_SHOWN: Final = 3  # remarks, each on its own line


@command(
    "hochgeladene Liste oder Kurs einlesen",
    example="!import",
    aliases=("import", "importieren"),
    admin=True,
    ended=True,
)
async def einlesen(
    ctx: Context, datei: Annotated[str, "nichts: die neueste Datei von hier zählt"] = ""
) -> Answer:
    """Nothing is saved before a yes; what was previewed is what is taken."""
    upload = await _upload(ctx, datei)
    if PurePath(upload.name.casefold()).suffix == ".toml":
        return await _course(ctx, upload)
    sheet = participants.loads(ctx.inside(upload, participants.KIND))
    await uploads.use(ctx.db, upload)
    plan = await enrolment.plan(ctx.db, ctx.course, sheet)
    if not ctx.confirmed or plan.faults or plan.nothing:
        return _shown(upload, sheet, plan)
    await enrolment.enrol(ctx.db, ctx.course, plan)
    return composed(
        "**Übernommen.**",
        f"Neu: {len(plan.new)}" if plan.new else None,
        f"Geändert: {len(plan.changed)}" if plan.changed else None,
        "Wer was geändert hat: !protokoll",
    )


async def _upload(ctx: Context, typed: str) -> Upload:
    """The newest one of this person, or the one that was previewed."""
    number = typed.partition(" ")[0]
    if ctx.confirmed and number.isdecimal():
        found = await uploads.these(ctx.db, ctx.room_id, ctx.sender, [int(number)])
    else:
        found = await uploads.recent(ctx.db, ctx.room_id, ctx.sender, ctx.now)
    if not found:
        raise UserError(_NOTHING)
    return found[0]


def _line(upload: Upload) -> str:
    return f"einlesen {upload.id} {quoted(upload.name, 60)}"


async def _course(ctx: Context, upload: Upload) -> Answer:
    text = ctx.inside(upload, course_reading.KIND)
    try:
        changes, notes = await course_upload.apply(ctx.db, ctx.course, text, ctx.now)
    except course_upload.Refused as error:
        raise UserError(str(error)) from None
    if not changes:
        raise Undone(Reply("Die Kursdatei ändert nichts: Alles ist schon so eingetragen."))
    lines = [f"– {quoted(change, 90)}" for change in changes]
    more = len(lines) - 5
    count = "Eine Änderung" if len(lines) == 1 else f"{len(lines)} Änderungen"
    shown = [*lines[:5], f"und {more} weitere (alle im Anhang)" if more > 0 else None]
    if ctx.confirmed:
        return composed(f"**Übernommen: {count}**", *shown[:5], "Wer was geändert hat: !protokoll")
    asked = preview(
        _line(upload),
        f"**Kursdatei gelesen: {count}, noch nichts gespeichert**",
        *shown,
        *[f"Hinweis: {quoted(note, 90)}" for note in notes[:2]],
        asks="Übernehmen: ja oder nein",
    )
    attached = _attached(("Änderung",), [(change,) for change in changes]) if more > 0 else None
    raise Undone(Reply(asked.text, answers=asked.answers, confirms=True, file=attached))


def _shown(upload: Upload, sheet: Sheet, plan: Plan) -> Reply:
    """What the file says, line by line where something is to be said about that."""
    remarks = sorted([*plan.faults, *plan.hints, *sheet.doubles], key=lambda r: r.number)
    fine = len(sheet.rows) - len({r.number for r in (*plan.faults, *plan.hints)})
    wrong = len({remark.number for remark in plan.faults})
    count = len(sheet.rows) + len(sheet.doubles)
    may = not (plan.faults or plan.nothing)
    text = composed(
        f"**Datei gelesen: {count} {'Zeile' if count == 1 else 'Zeilen'}, "
        "noch nichts gespeichert**",
        f"{fine} in Ordnung" if fine else None,
        *_grouped([*plan.faults, *plan.hints]),
        *_difference(plan),
        f"Doppelt: {_rows([d.number for d in sheet.doubles]) or 'keine'}.{_dropped(sheet)}",
        f"{wrong} {'Zeile' if wrong == 1 else 'Zeilen'} mit Fehlern: bitte berichtigen, neu "
        "hochladen, dann !import"
        if wrong
        else None,
        "Es ist alles schon so eingetragen." if plan.nothing and not wrong else None,
        "Übernehmen: ja oder nein" if may else None,
    )
    rows = [(f"{remark.number}", remark.text) for remark in remarks]
    attached = _attached(("Zeile", "Hinweis"), rows) if len(rows) > _SHOWN else None
    answers = {"ja": _line(upload)} if may else {}
    return Reply(text, answers=answers, confirms=True, file=attached)


def _grouped(remarks: Sequence[Remark]) -> list[str]:
    """Few of them each on its own line; many by what they have in common, the rest counted."""
    if len(remarks) <= _SHOWN:
        ask = ", später einladen?"
        lines = [f"Zeile {r.number}: {r.text}" for r in remarks]
        first = next((n for n, r in enumerate(remarks) if r.text.startswith("Konto fehlt")), None)
        return lines if first is None else [*lines[:first], lines[first] + ask, *lines[first + 1 :]]
    kinds: dict[str, list[int]] = {}
    for remark in remarks:
        kinds.setdefault(remark.text.partition(" (")[0], []).append(remark.number)
    lines = [f"{text[:60]}: {_rows(numbers)}" for text, numbers in kinds.items()]
    more = [f"und {len(lines) - 4} andere Hinweise (alle im Anhang)"] if len(lines) > 4 else []
    return lines[:4] + more


def _rows(numbers: Sequence[int]) -> str:
    if not numbers:
        return ""
    more = f" und {len(numbers) - 5} weitere" if len(numbers) > 5 else ""
    noun = "Zeile" if len(numbers) == 1 else "Zeilen"
    return f"{noun} {', '.join(map(str, numbers[:5]))}{more}"


def _difference(plan: Plan) -> list[str]:
    """Who is new, changed and missing; nobody is ever deleted by a list."""
    new = [str(row["key"]) for row in plan.new]
    leave = (
        f", austreten: !austritt {plan.missing[0]}" if plan.missing and exists("austritt") else ""
    )
    told = (
        ("Neu", new, ""),
        ("Geändert", plan.columns(), ""),
        ("Nicht in der Datei", plan.missing, f" – bleibt dabei{leave}"),
    )
    return [f"{label}: {_some(names)}{then}" for label, names, then in told if names]


def _some(names: Sequence[str]) -> str:
    more = f" und {len(names) - 4} weitere" if len(names) > 4 else ""
    return ", ".join(names[:4]) + more


def _dropped(sheet: Sheet) -> str:
    """Which columns nobody needs, by name."""
    if not sheet.dropped:
        return ""
    names = [quoted(name, 24) for name in sheet.dropped]
    more = f" und {len(names) - 5} weitere" if len(names) > 5 else ""
    return f" Unbekannte Spalten ignoriert: {', '.join(names[:5])}{more}"


def _attached(head: Sequence[str], rows: Sequence[Sequence[str]]) -> File:
    return File("pruefung.csv", spreadsheet.MIMETYPE, spreadsheet.file([head, *rows]))
