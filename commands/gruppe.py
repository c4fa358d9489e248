"""!gruppe: the project groups, and who is in which."""

from collections.abc import Sequence
from typing import Annotated, Final

from commands import Answer, Context, UserError, command, composed, preview, quoted
from storage import checkin, people
from storage.models import Group, Person

_HOW: Final = "!gruppe 1 tn01 tn05, aus allen Gruppen: !gruppe weg tn01"
_AWAY: Final = ("weg", "raus", "keine")
_MOST: Final = 99


@command("Projektgruppen zeigen und zuordnen", example="!gruppe 1 tn01 tn05", admin=True)
async def gruppe(
    ctx: Context,
    nummer: Annotated[str, "Nummer der Gruppe oder „weg“; ohne Nummer: alle"] = "",
    wer: Annotated[str, "Kennungen: tn01 tn05"] = "",
) -> Answer:
    """Whoever is put into a group leaves the one before; a number that is new makes a group."""
    members = await checkin.members(ctx.db, ctx.course)
    groups = {group.number: group for group in await people.groups(ctx.db, ctx.course)}
    if not nummer:
        return _listed([*groups.values()], members)
    away = nummer.casefold() in _AWAY
    number = int(nummer) if nummer.isascii() and nummer.isdecimal() and len(nummer) < 3 else 0
    if not (away or 1 <= number <= _MOST) or (away and not wer):
        raise UserError(f"So geht es: {_HOW}")
    if not wer:
        return _card(number, groups.get(number), members)
    chosen = _meant(wer, members)
    if ctx.confirmed:
        if not away and number not in groups:
            await people.found(ctx.db, ctx.course, number)
        people.assign(chosen, None if away else number)
        return _done(chosen, None if away else number)
    keys = " ".join(person.key for person in chosen)
    title = "Aus den Projektgruppen nehmen?" if away else f"In Gruppe {number}?"
    new = not away and number not in groups
    return preview(
        f"gruppe {'weg' if away else number} {keys}",
        f"**{title}** {', '.join(_from(person, number) for person in chosen)}",
        "Diese Gruppe ist neu; ein Thema bekommt sie in der Kursdatei." if new else None,
    )


def _meant(typed: str, members: Sequence[Person]) -> list[Person]:
    found: dict[str, Person] = {}
    for name in typed.replace(",", " ").split()[:40]:
        person = people.only(members, name)
        if person is None:
            raise UserError(f"„{quoted(name, 30)}“ kenne ich nicht. Es hat sich nichts geändert.")
        found[person.key] = person
    return [*found.values()]


def _from(person: Person, number: int) -> str:
    moves = person.group not in (None, number)
    return f"{person.key} (bisher Gruppe {person.group})" if moves else person.key


def _done(chosen: Sequence[Person], number: int | None) -> str:
    keys = ", ".join(person.key for person in chosen)
    where = f"jetzt in Gruppe {number}" if number else "jetzt in keiner Gruppe"
    return f"**{keys}: {where}.**\nAlle Gruppen: !gruppe"


def _keys(members: Sequence[Person], number: int | None) -> str:
    return ", ".join(person.key for person in members if person.group == number)


def _card(number: int, group: Group | None, members: Sequence[Person]) -> str:
    if group is None:
        return f"Gruppe {number} gibt es noch nicht. Anlegen: !gruppe {number} tn01 tn05"
    lines = [f"{p.key} – {quoted(p.display, 60)}" for p in members if p.group == number]
    title = f"**Gruppe {number}: {quoted(group.topic, 80)}**"
    return composed(title, *lines[:9], None if lines else "noch niemand", f"Ändern: {_HOW}")


def _listed(groups: Sequence[Group], members: Sequence[Person]) -> str:
    if not groups:
        return f"Es gibt noch keine Projektgruppen. Anlegen: {_HOW}"
    shown = [f"{g.number} – {quoted(g.topic, 50)}: {_keys(members, g.number)}" for g in groups[:8]]
    numbers = {group.number for group in groups}
    without = [person.key for person in members if person.group not in numbers]
    return composed(
        "**Projektgruppen**",
        *shown,
        f"und {len(groups) - 8} weitere: !gruppe {groups[8].number}" if len(groups) > 8 else None,
        f"Ohne Gruppe: {', '.join(without)}" if without else None,
        f"Zuordnen: {_HOW}",
    )
