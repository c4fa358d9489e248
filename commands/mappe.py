"""!mappe: what those who lead a meeting need two days before, to copy and as a file."""

import re
from collections.abc import Sequence

from commands import Context, UserError, command, composed, quoted
from storage import audit, calendar, checkin, meetings, networks, speaker_questions
from storage.models import Meeting, Network
from storage.replies import File, Reply
from storage.speaker_questions import LONGEST, Asked

_SHOWN = 3


@command("was Referierende vorab brauchen", example="!mappe w3", admin=True, ended=True)
async def mappe(ctx: Context, termin: Meeting | None = None) -> Reply:
    """The way in, how many are expected, questions and networks; nobody's attendance."""
    meeting = termin or await meetings.following(ctx.db, ctx.course, now=ctx.now)
    if meeting is None:
        raise UserError("Es kommt kein Termin mehr. Zu einem früheren: !mappe w3")
    asked = await speaker_questions.about(ctx.db, ctx.course, meeting)
    known = networks.alphabetically(await networks.every(ctx.db, ctx.course))
    head = await _head(ctx, meeting)
    lines = [*head, "", *_asked(asked, LONGEST), "", "Netzwerke im Kurs:", *map(_network, known)]
    safe = re.sub(r"[^A-Za-z0-9_-]+", "-", f"{ctx.course.key[:60]}-mappe-{meeting.key[:20]}")
    await audit.note(ctx.db, ctx.course, ctx.sender, f"!mappe {meeting.key}", ctx.now)
    text = composed(
        f"**{head[0]}**",
        *head[1:],
        *_asked(asked[:_SHOWN], 70),
        f"– und {len(asked) - _SHOWN} weitere" if len(asked) > _SHOWN else None,
        f"Mit allen Fragen und {len(known)} Netzwerken zum Weitergeben: hängt als Datei an.",
        None if meeting.link else f"Der Link fehlt noch: !neuerlink {meeting.key} https://…",
    )
    data = "\r\n".join(lines).encode("utf-8-sig")
    return Reply(text, file=File(f"{safe}.txt", "text/plain", data))


async def _head(ctx: Context, meeting: Meeting) -> list[str]:
    roster = await checkin.roster(ctx.db, ctx.course, meeting)
    off = f" ({len(roster.signed_off)} abgemeldet)" if roster.signed_off else ""
    access = [meeting.link or "folgt", meeting.code and f"Kenncode {quoted(meeting.code)}"]
    return [
        quoted(meetings.title(meeting), 120),
        f"{calendar.with_year(meeting.day)}, {calendar.span(meeting.starts, meeting.ends)}"
        + (" (abgesagt)" if meeting.cancelled else ""),
        f"Zugang: {' '.join(filter(None, access))}",
        *([f"Per Telefon: {quoted(meeting.phone, 90)}"] if meeting.phone else []),
        f"Erwartet: {roster.expected} von {roster.size} Personen{off}",
    ]


def _asked(asked: Sequence[Asked], longest: int) -> list[str]:
    """What most want to know first; who asks only if they said so."""
    lines = []
    for one in asked:
        raised = f"+{one.raised}" if one.raised else ""
        extra = ", ".join(filter(None, (quoted(one.by), raised)))
        lines.append(f"– {quoted(one.text, longest)}" + (f" ({extra})" if extra else ""))
    return ["Fragen vorab:", *lines] if lines else ["Fragen vorab: noch keine"]


def _network(network: Network) -> str:
    """As everybody in the course may see it."""
    parts = {"bietet": ", ".join(network.offers), "sucht": ", ".join(network.needs)}
    said = [f"{word}: {text}" for word, text in parts.items() if text]
    where = ", ".join(filter(None, (network.name, networks.state(network))))
    return f"– {'; '.join([where, *said, *filter(None, [network.sentence])])}"
