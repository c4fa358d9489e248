"""!eintritt: somebody joins the course, comes back, or gets an account."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from commands import Answer, Context, UserError, command, preview, quoted
from storage import accounts, attendance, networks, people
from storage.models import Network, Person
from storage.models.people import GONE

_EXAMPLE: Final = "!eintritt tn17 Kammwald @name:server.de"
_KEY: Final = re.compile(r"[a-z]{1,20}-?[0-9]{1,6}")


@dataclass(frozen=True)
class _Wish:
    """What is typed behind the key of a person."""

    network: Network | None
    mxid: str | None


@command("wer dazukommt oder wieder da ist", example=_EXAMPLE, admin=True)
async def eintritt(
    ctx: Context,
    kennung: Annotated[str, "die Kennung, zum Beispiel tn17"],
    was: Annotated[str, "Netzwerk und Konto, beides freiwillig"] = "",
) -> Answer:
    """What somebody has attended before is for the organisers to decide."""
    everybody = await people.everybody(ctx.db, ctx.course)
    known = await networks.known(ctx.db, ctx.course)
    person = next((p for p in everybody if p.key.casefold() == kennung.casefold()), None)
    if person is None and not _KEY.fullmatch(kennung.casefold()):
        raise UserError(f"Zuerst die Kennung, wie tn17. So geht es: {_EXAMPLE}")
    wish = _read(was, ctx.pills, known)
    _check(person, wish, everybody)
    key = person.key if person else kennung.casefold()
    line = f"eintritt {key} {wish.network.key if wish.network else ''} {wish.mxid or ''}"
    fresh = person or Person(course_id=ctx.course.id, key=key, display=_display(key, wish))
    if ctx.confirmed:
        mxid = wish.mxid or fresh.mxid
        await people.enter(ctx.db, fresh, wish.network.key if wish.network else None, mxid)
        total = await people.count(ctx.db, ctx.course)
        return f"**{key} ist dabei.** Jetzt {total} Personen im Kurs.\n" + (
            "Fehlt noch: in die Räume einladen." if mxid else f"Fehlt noch: Konto, {_how(key)}"
        )
    return preview(" ".join(line.split()), *await _told(ctx, person, fresh, wish))


def _read(typed: str, pills: Sequence[str], known: Sequence[Network]) -> _Wish:
    """A network and an account in any order; raises UserError where that is not clear.

    A pill shows a name among the words, which is nobody's network then.
    """
    words = typed.split()
    ids = [mxid for word in words if (mxid := accounts.meant(word))]
    named = [word for word in words if not accounts.meant(word)]
    mxid = accounts.meant("", pills) if pills else ids[0] if len(ids) == 1 else None
    if (pills or ids) and mxid is None:
        raise UserError("Das ist mehr als ein Konto. Es hat sich nichts geändert.")
    for size in range(len(named), 0, -1):
        found = networks.meant(known, " ".join(named[:size]))
        if len(found) == 1 and (pills or size == len(named)):
            return _Wish(found[0], mxid)
    if named and not pills:
        raise UserError(
            f"„{quoted(' '.join(named), 60)}“ ist weder ein Netzwerk noch eine volle Kennung. "
            f"So geht es: {_EXAMPLE}\nAlle Netzwerke: !netzwerke liste"
        )
    return _Wish(None, mxid)


def _check(person: Person | None, wish: _Wish, everybody: Sequence[Person]) -> None:
    taken = [p for p in everybody if wish.mxid and p.mxid == wish.mxid and p is not person]
    if taken:
        gone = f" Wieder dabei: !eintritt {taken[0].key}" if taken[0].status == GONE else ""
        raise UserError(f"Dieses Konto gehört schon zu {taken[0].key}.{gone}")
    if person is None or person.status == GONE:
        return
    same = wish.network is None or wish.network.key == person.network
    if same and wish.mxid in (None, person.mxid):
        raise UserError(f"{person.key} ist schon dabei. Es hat sich nichts geändert.")


def _display(key: str, wish: _Wish) -> str:
    return f"Koordination {wish.network.short}" if wish.network else key


def _how(key: str) -> str:
    return f"!eintritt {key} @name:server.de"


async def _told(ctx: Context, person: Person | None, fresh: Person, wish: _Wish) -> list[str]:
    """What would be, and what counts of the dates that are over."""
    key, back = fresh.key, person is not None and person.status == GONE
    what = "kommt wieder dazu" if back else "kommt neu dazu" if person is None else "wird geändert"
    mxid = wish.mxid or fresh.mxid
    account = await attendance.account(ctx.db, ctx.course, fresh, now=ctx.now)
    past = account.unconfirmed
    units = sum(meeting.units for meeting in past)
    return [
        f"**{key} {what}?** {quoted(fresh.display, 80)}",
        f"Netzwerk: {quoted(wish.network.short, 60)}" if wish.network else "",
        f"Konto: {quoted(mxid, 120)}" if mxid else f"Konto: fehlt, später {_how(key)}",
        f"Bestätigt sind {account.attended} UE." if account.attended else "",
        f"Ohne Eintrag: {len(past)} Termine ({past[0].key} bis {past[-1].key}, {units} UE). "
        f"Sie zählen nicht als besucht, solange nichts anderes eingetragen wird: "
        f"!anwesend {past[0].key} {key} nachgeholt (oder 0)."
        if past
        else "",
    ]
