"""!erinnerung: a direct message before each meeting, for those who want it."""

import re
from collections.abc import Sequence
from typing import Annotated, Final

from commands import Context, UserError, command
from storage import folding, reminders
from storage.reminders import USUAL

_UNITS: Final = {"min": 1, "stunde": 60, "std": 60, "h": 60, "tag": 1440, "woche": 10_080}
_LEAD: Final = re.compile(r"(?<![\w.,-])(\d{1,5}|eine?[nr]?) ?(min|stunde|std|h|tag|woche)[a-z]*\b")
_DROP: Final = frozenset("aus ab weg ohne keine nicht nie stop stopp".split())
_EXAMPLE: Final = "!erinnerung 30 min vorher"
_OFF: Final = (
    "Gut, keine persönlichen Erinnerungen mehr.\n"
    "Die Hinweise im Raum Ankündigungen bleiben für alle gleich; stumm stellen geht in den "
    "Raum-Einstellungen.\nWieder an: !erinnerung an"
)


@command(
    "Nachricht vor jedem Termin",
    example=_EXAMPLE,
    aliases=("erinnerungen", "erinnern"),
    phrases={"stop": "aus", "stopp": "aus"},
    ended=False,
)
async def erinnerung(
    ctx: Context, wann: Annotated[str, "an, aus oder wie lange vorher: 30 min, 1 Tag"] = ""
) -> str:
    """Switch it on or off, add a time or drop it; what is chosen to the minute may be at night."""
    if ctx.person is None:
        raise UserError("Erinnerungen gibt es für Teilnehmende. Alle Termine: !programm")
    before = set(await reminders.of(ctx.db, ctx.person))
    if not wann.strip():
        return _state(sorted(before))
    wanted = _wanted(wann.lower()[:200], before)
    if len(wanted) > reminders.MOST:
        raise UserError(f"Mehr als {reminders.MOST} gehen nicht. Von vorn: !erinnerung aus")
    await reminders.choose(ctx.db, ctx.course, ctx.person, wanted, ctx.now)
    return _state(sorted(wanted)) if wanted else _OFF


def _wanted(said: str, before: set[int]) -> set[int]:
    """The leads after what was said. Raises `UserError` if that makes no sense."""
    said = f"{said} min" if said.strip().isdecimal() else said
    leads = {_minutes(number, unit) for number, unit in _LEAD.findall(said)}
    if any(not reminders.SHORTEST <= lead <= reminders.LONGEST for lead in leads):
        raise UserError(f"Möglich sind 5 Minuten bis 7 Tage vorher, zum Beispiel {_EXAMPLE}")
    words = set(folding.fold_words(said).split())
    if leads:
        return before - leads if words & _DROP else (before | leads) - ({USUAL} & before)
    if words & _DROP:
        return set()
    if words & {"an", "ein", "ja", "bitte"}:
        return before or {USUAL}
    raise UserError(f"Das verstehe ich nicht. So geht es: {_EXAMPLE}, !erinnerung an oder aus")


def _minutes(number: str, unit: str) -> int:
    return (int(number) if number.isdecimal() else 1) * _UNITS[unit]


def _state(leads: Sequence[int]) -> str:
    if not leads:
        return f"Zurzeit keine persönlichen Erinnerungen. An: !erinnerung an oder {_EXAMPLE}"
    named = " und ".join(_told(lead) for lead in leads)
    night = "" if leads == [USUAL] else "\nDas gilt auch in der Ruhezeit."
    another = "!erinnerung 1 Tag vorher" if 30 in leads else _EXAMPLE
    return (
        f"Gut, vor jedem Termin kommt eine Nachricht: **{named}**.{night}\n"
        f"Weitere: {another}. Aus: !erinnerung aus"
    )


def _told(lead: int) -> str:
    if lead == USUAL:
        return "1 Stunde vorher"
    for size, one, many in ((1440, "Tag", "Tage"), (60, "Stunde", "Stunden")):
        if lead % size == 0:
            return f"{lead // size} {one if lead == size else many} vorher"
    return f"{lead} Minuten vorher"
