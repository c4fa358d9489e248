"""!projekt: the project group, its members and its dates."""

import re
from collections.abc import Sequence
from typing import Annotated

from commands import Context, command, composed, quoted
from storage import calendar, folding, meetings, people
from storage.models import Group


@command(
    "Projektgruppe und Abgabe",
    example="!projekt",
    aliases=("projekte", "projektgruppe", "gruppe", "gruppen", "meine gruppe", "projektarbeit"),
)
async def projekt(ctx: Context, gruppe: Annotated[str, "Nummer der Gruppe"] = "") -> str:
    """The asker's group, or the one with this number; without a group all of them."""
    groups = await people.groups(ctx.db, ctx.course)
    typed = re.search(r"\d{1,3}", gruppe)
    own = ctx.person.group if ctx.person else None
    wanted = int(typed[0]) if typed else own
    found = next((group for group in groups if group.number == wanted), None)
    lines = await _card(ctx, found) if found else _overview(groups, ctx.person is not None)
    return composed(*lines, *await _dates(ctx))


async def _card(ctx: Context, group: Group) -> list[str]:
    others = await people.members(ctx.db, ctx.course, group, but=ctx.person)
    shown = ", ".join(quoted(name, 40) for name in others[:6])
    more = f" und {len(others) - 6} weitere" if len(others) > 6 else ""
    title = f"**Projektgruppe {group.number}: {quoted(group.topic, 80)}**"
    return [title, f"Mit: {shown}{more}"] if shown else [title]


def _overview(groups: Sequence[Group], taking_part: bool) -> list[str]:
    if not groups:
        return ["Es sind noch keine Projektgruppen eingetragen. Fragen: !orga"]
    lines = [f"Gruppe {group.number}: {quoted(group.topic)}" for group in groups[:6]]
    more = [f"und {len(groups) - 6} weitere"] if len(groups) > 6 else []
    unassigned = ["Noch keiner Gruppe zugeordnet. Fragen: !orga"] if taking_part else []
    return ["**Projektgruppen**", *lines, *more, *unassigned, "Wer dabei ist: !gruppe 1"]


async def _dates(ctx: Context) -> list[str]:
    """Hand-in, presentation and the workshops still to come, as far as they are known."""
    dates = [m for m in await meetings.every(ctx.db, ctx.course) if not m.cancelled]
    ahead = [m for m in dates if not meetings.is_past(ctx.course, m, ctx.now)]
    closing = [m for m in dates if m.kind == "abschluss"][:1]
    workshops = [m for m in ahead if "werkstatt" in folding.fold_words(m.topic)][:1]
    minutes = ctx.course.presentation_minutes
    length = f" ({minutes} Minuten)" if minutes else ""
    due = ctx.course.project_due
    return [
        *([f"Abgabe: {ctx.when(due)}"] if due else []),
        *(f"Präsentation: {calendar.short(m.day)}{length}" for m in closing),
        *(f"Werkstatt: {calendar.short(m.day)}" for m in workshops),
    ]
