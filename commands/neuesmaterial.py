"""!neuesmaterial: give uploaded files to everybody, as the material of a meeting."""

import json
from collections.abc import Sequence
from pathlib import PurePath
from typing import Annotated, Final

from commands import Answer, Context, UserError, command, composed, preview, quoted
from storage import calendar, changes, meetings, rules, standing, uploads
from storage.models import Meeting, Upload
from storage.replies import ROOM_NAMES, WITHOUT, Post

_MOST: Final = 5
_LISTS: Final = (".csv", ".toml", ".tsv")
"""What is hardly ever meant for everybody; with a title it is."""


@command(
    "Hochgeladenes als Material verteilen",
    example="!material w3 Folien Öffentlichkeitsarbeit",
    aliases=("material", "folien", "unterlagen"),
    admin=True,
)
async def neuesmaterial(
    ctx: Context,
    termin: Meeting,
    titel: Annotated[str, "wie es heißen soll; sonst wie die Datei"] = "",
) -> Answer:
    """A title is for the newest file; without one, all that were just uploaded are meant."""
    which = f"{meetings.name(termin)} ({calendar.short(termin.day)})"
    numbers, _, title = titel.partition(" ") if ctx.confirmed else ("", "", titel)
    found = await _files(ctx, numbers, title)
    if not found:
        raise UserError(_none(termin, which))
    entries = [_entry(upload, title if len(found) == 1 else "") for upload in found]
    names = ", ".join(entry["titel"] for entry in entries)
    text = composed(f"**Material zu {which} ist da:** {names}. Holen mit {_fetched(termin)}")
    if not ctx.confirmed:
        numbers = ",".join(str(upload.id) for upload in found)
        return preview(
            f"neuesmaterial {termin.key} {numbers} {names}",
            "**Dieses Material für alle?**",
            *[f"– {entry['titel']} ({quoted(entry['datei'], 60)})" for entry in entries],
            f"Bisher zu {which}: {_titles(termin)}" if termin.materials else None,
            f"Text für alle: „{text.replace('**', '')}“",
            asks=f"ja, {WITHOUT}, nein",
            also=[WITHOUT],
        )
    same = {entry["datei"] for entry in entries}
    kept = [entry for entry in termin.materials if entry.get("datei") not in same]
    change = await changes.make(
        ctx.db, ctx.course, [(termin, {"materials": [*kept, *entries]})], ctx.now
    )
    for upload in found:
        await uploads.use(ctx.db, upload)
    if ctx.answer != "ja":
        return f"Bereit, ohne Ansage: {names}. Zurücknehmen: !rueckgaengig"
    place, push = await rules.for_material(ctx.db, ctx.course)
    if await standing.room_of(ctx.db, ctx.course.id, place) is None:
        return f"Bereit: {names}. Die Ansage fehlt, im Raum {ROOM_NAMES[place]} bin ich noch nicht."
    change.says = ctx.now
    ctx.also.append(Post(place, text, push=push))
    return f"Verteilt: {names}. Alle bekommen es mit {_fetched(termin)}."


async def _files(ctx: Context, numbers: str, title: str) -> Sequence[Upload]:
    """The ones that were previewed; else what this person has just uploaded, the oldest first."""
    if ctx.confirmed:
        ids = [int(number) for number in numbers.split(",") if number.isdecimal()]
        return await uploads.these(ctx.db, ctx.room_id, ctx.sender, ids)
    recent = await uploads.recent(ctx.db, ctx.room_id, ctx.sender, ctx.now)
    fresh = [upload for upload in recent if not upload.used]
    if title:
        return fresh[:1]
    shared = [u for u in fresh if PurePath(u.name.casefold()).suffix not in _LISTS]
    return shared[:_MOST][::-1]


def _entry(upload: Upload, title: str) -> dict[str, str]:
    """As it stands with the meeting; `anhang` is where the file is, and its key."""
    path = PurePath(quoted(upload.name, 200) or "Datei")
    name = f"{quoted(path.stem, 70)}{path.suffix[:10]}"
    called = quoted(title, 80) or quoted(path.stem.replace("_", " "), 80)
    return {"titel": called, "datei": name, "anhang": json.dumps(upload.source)}


def _titles(meeting: Meeting) -> str:
    return ", ".join(quoted(m.get("titel", ""), 60) for m in meeting.materials[:5])


def _fetched(meeting: Meeting) -> str:
    return f"!material {meeting.number or meeting.key}"


def _none(meeting: Meeting, which: str) -> str:
    how = f"Neues: Datei hier hochladen, dann !material {meeting.key} und gern ein Titel."
    if meeting.materials:
        return f"Zu {which} liegt bereit: {_titles(meeting)}\n{how}"
    return f"Zu {which} liegt noch nichts bereit. {how}"
