"""!zertifikat: what it takes to get the certificate."""

from commands import Context, command, composed, exists, quoted
from storage import calendar, meetings


@command(
    "was fürs Zertifikat zählt",
    example="!zertifikat",
    aliases=("bescheinigung", "teilnahmebescheinigung", "urkunde"),
)
async def zertifikat(ctx: Context) -> str:
    """The share of teaching time and the proof; the chamber decides (product A.2)."""
    course = ctx.course
    dates = await meetings.every(ctx.db, course)
    total = meetings.units(dates)
    closing = next((m for m in dates if m.kind == "abschluss" and not m.cancelled), None)
    day = f" (Abschluss ab {calendar.short(closing.day)})" if closing else ""
    share = f"mindestens {course.quota_percent} Prozent der Präsenzzeit"
    if total:
        share += f" ({meetings.required(course, total)} von {total} UE)"
    proof = quoted(course.proof, 120)
    return composed(
        f"**IHK-Zertifikat: {'zwei Dinge zählen' if proof else 'die Anwesenheit zählt'}**",
        f"1 – {share}",
        f"2 – {proof}{day}" if proof else None,
        f"UE heißt Unterrichtseinheit, das sind {course.lesson_minutes} Minuten.",
        "Reicht es nicht, gibt es je nach Teilnahme eine Bescheinigung.",
        "Mein Stand: !anwesenheit" if exists("anwesenheit") else None,
        "Verbindlich entscheidet die IHK.",
    )
