"""Monday: who meets whom this week, said to each of them alone."""

from typing import Final

from schedules import Context, cut, schedule
from storage import meetings, networks, pairing, tandems
from storage.pairing import Seated, Tandem
from storage.replies import Whisper
from storage.timetable import monday

_WHERE: Final = {"laendlich": "auf dem Land", "gemischt": "dazwischen", "urban": "in der Stadt"}


@schedule("Tandems der Woche")
async def tandem(ctx: Context) -> None:
    """Nobody twice with the same person while there is somebody new; the course hears nothing."""
    for one in await tandems.form(ctx.db, ctx.course, monday(ctx.due.date())):
        ctx.also.extend(Whisper(s.person.mxid, _text(ctx, s, one)) for s in one if s.person.mxid)


def _text(ctx: Context, one: Seated, group: Tandem) -> str:
    others = [other for other in group if other is not one]
    if not others:
        return "Diese Woche ist leider kein Tandem möglich: Es fehlt ein Gegenüber. Mehr: !tandem"
    title = "Tandem der Woche" if len(others) == 1 else "Diese Woche zu dritt"
    names = " und ".join(cut(other.network.short, 60) for other in others)
    return "\n".join(
        [
            f"**{title}: {names}**",
            *(_about(other) for other in others),
            f"Gesprächsstoff: {_topic(ctx, group)}",
            "Einfach anschreiben, eine halbe Stunde genügt.",
            "Diese Woche keine Zeit? !tandem pause. Ganz aufhören: !tandem aus",
        ]
    )


def _about(other: Seated) -> str:
    network = other.network
    area = networks.AREAS.get(network.area, network.area)
    known = network.structure in ("stark", "schwach")
    kind = (area, f"struktur{network.structure}" if known else "", networks.state(network))
    return f"{cut(other.person.display, 60)} ({', '.join(filter(None, kind))})"


def _topic(ctx: Context, group: Tandem) -> str:
    """What one offers and another seeks; else what is different; else the week's webinar."""
    if lines := pairing.common(group):
        return f"{cut('; '.join(lines[:2]), 200)}."
    there = [where for area, where in _WHERE.items() if area in {o.network.area for o in group}]
    if len(there) > 1:
        return f"Was geht {' und was '.join(there)}?"
    return f"{cut(meetings.subject(ctx.meeting), 120)}: Wie läuft das im eigenen Netzwerk?"
