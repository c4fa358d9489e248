"""!datenschutz: what is stored, for how long, and who answers for it."""

from commands import Context, command, composed, exists, quoted


@command(
    "was gespeichert wird",
    example="!datenschutz",
    aliases=("dsgvo", "privatsphäre", "speicherung"),
)
async def datenschutz(ctx: Context) -> str:
    """The short notice, with the periods that the organisers set (product C)."""
    course = ctx.course
    own = "!meinedaten" if exists("meinedaten") else "!orga und dann der Wunsch"
    return composed(
        "**Was ich speichere:** Zuordnung zum Netzwerk, Anwesenheit (Check-in-Zeiten), Stimme, "
        "eigene Angaben.",
        "**Was nicht:** Gespräche im Raum, Gründe für Abwesenheit.",
        "Ich lese verschlüsselt mit, um Befehle zu erkennen; anderes verwerfe ich sofort.",
        f"Löschung: {_months(course.attendance_kept_months)} nach Kursende, "
        f"einzelne Stimmen {_days(course.votes_kept_days)} nach dem Ergebnis.",
        f"Verantwortlich: {quoted(course.controller, 80)}" if course.controller else None,
        f"Alles dazu: {course.privacy_url}" if course.privacy_url else None,
        f"Meine Daten: {own}",
    )


def _months(count: int) -> str:
    return "1 Monat" if count == 1 else f"{count} Monate"


def _days(count: int) -> str:
    return "1 Tag" if count == 1 else f"{count} Tage"
