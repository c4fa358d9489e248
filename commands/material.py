"""!material: slides and papers of a meeting, the latest ones if none is named."""

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Annotated, Final

from commands import Answer, Context, UserError, choice, command, composed, quoted
from storage import calendar, folding, meant, meetings
from storage.models import Meeting
from storage.replies import Reply, Shared

_MOST: Final = 5
_KINDS: Final = {
    **{".pdf": "PDF", ".doc": "Word", ".docx": "Word", ".odt": "Text", ".xls": "Excel"},
    **{".xlsx": "Excel", ".ppt": "PowerPoint", ".pptx": "PowerPoint", ".zip": "ZIP"},
}


@command(
    "Folien und Aufgaben",
    example="!material 2",
    aliases=("materialien", "unterlagen", "unterlage", "skript", "folien", "handout", "ablage"),
)
async def material(
    ctx: Context, termin: Annotated[str, "Nummer, Tag oder Thema eines Termins"] = ""
) -> Answer:
    """The materials of the date that somebody names in a word or a sentence."""
    dates = [m for m in await meetings.every(ctx.db, ctx.course) if not m.cancelled]
    ready = [m for m in dates if m.materials or m.folder]
    which = meant.says_which(termin)
    found = await meetings.matching(ctx.db, ctx.course, termin, ctx.today) if which else []
    if not found and (not which or which != folding.fold_words(termin)):
        if not ready:
            return "Es liegt noch kein Material bereit. Ich melde mich, sobald es da ist."
        begun = [m for m in ready if ctx.course.starts(m) <= ctx.now]
        return _shown(begun[-1] if begun else ready[0], ready, latest=bool(begun))
    if not found:
        raise UserError(f"„{quoted(termin)}“ passt zu keinem Termin. Das neueste: !material")
    if len(found) > 1:
        labels = {f"material {m.key}": f"{calendar.short(m.day)} {m.topic}" for m in found}
        return choice(termin, labels, "Terminen")
    return _shown(found[0], ready) if found[0] in ready else _missing(ctx, found[0])


def _shown(meeting: Meeting, ready: Sequence[Meeting], *, latest: bool = False) -> Reply:
    """What there is, and behind it the files that organisers have uploaded."""
    day = calendar.short(meeting.day)
    subject = quoted(meetings.subject(meeting), 80)
    files = meeting.materials[-_MOST:]
    more = len(meeting.materials) - _MOST
    others = [m for m in ready if m.id != meeting.id]
    another = f"Anderer Termin: !material {others[0].number or others[0].key}" if others else None
    text = composed(
        f"**Material{' zuletzt' if latest else ''}: {subject} ({day})**",
        *map(_file, files),
        f"und {more} weitere in der Ablage" if more > 0 else None,
        f"Ablage: {meeting.folder}" if meeting.folder else None,
        f"Aufgabe: {quoted(meeting.task, 120)}" if meeting.task else None,
        another,
    )
    return Reply(text, shared=[Shared(m["datei"], m["anhang"]) for m in files if "anhang" in m])


def _file(entry: dict[str, str]) -> str:
    name = entry.get("datei", "")
    suffix = PurePosixPath(name.lower()).suffix
    kind = _KINDS.get(suffix) or suffix.lstrip(".").upper()
    title = quoted(entry.get("titel") or name, 80)
    return f"– {title} ({quoted(kind, 10)})" if kind else f"– {title}"


def _missing(ctx: Context, meeting: Meeting) -> str:
    what = quoted(meetings.short_title(meeting), 90)
    if meeting.cancelled:
        return f"{what} ist entfallen, dazu gibt es kein Material. Das neueste: !material"
    if ctx.course.starts(meeting) > ctx.now:
        when = ctx.when(ctx.course.starts(meeting))
        return f"{what} ist erst {when}. Ich melde mich, sobald dazu Material da ist."
    return f"Zu {what} liegt noch nichts bereit. Ich melde mich hier, sobald es da ist."
