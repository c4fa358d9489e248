"""!datenschutz: what is stored, for how long, and who answers for it."""

from typing import Annotated

from commands import Answer, Context, command, composed, page, quoted
from storage import catalogue, folding
from storage.catalogue import FOR_FEEDBACK, FOR_PROOF, FOR_RESULT, RATINGS, TECHNICAL, VOTES
from storage.replies import Reply


@command(
    "was gespeichert wird",
    example="!datenschutz alle",
    aliases=("dsgvo", "privatsphäre", "speicherung"),
)
async def datenschutz(
    ctx: Context, mehr: Annotated[str, "„alle“ für jede Art von Daten einzeln"] = ""
) -> Answer:
    """The short notice, with the periods that the organisers set (product C); all with "alle"."""
    word, _, number = folding.fold_words(mehr).partition(" seite ")
    if word in ("alle", "alles"):
        return _everything(ctx, int(number) if number.isdecimal() else 1)
    course = ctx.course
    kinds = [kind for kind in catalogue.kinds(catalogue.personal()) if kind != TECHNICAL]
    return composed(
        f"**Was ich speichere:** {', '.join(kinds)}.",
        "**Was nicht:** Gespräche im Raum, Gründe für Abwesenheit.",
        "Ich lese verschlüsselt mit, um Befehle zu erkennen; anderes verwerfe ich sofort.",
        f"Löschung: {FOR_PROOF.told(course)}, {VOTES} {FOR_RESULT.told(course)}, "
        f"{RATINGS} {FOR_FEEDBACK.told(course)}.",
        f"Verantwortlich: {quoted(course.controller, 80)}" if course.controller else None,
        f"Alles dazu: {course.privacy_url}" if course.privacy_url else None,
        "Einzeln: !datenschutz alle. Meine Daten: !meinedaten. Löschen: !loeschen",
    )


def _everything(ctx: Context, number: int) -> Reply:
    lines = [
        f"**{entry.what}:** {entry.why}; {entry.kept.told(ctx.course)}; "
        f"mit !loeschen {entry.erased.value}"
        for entry in catalogue.personal()
    ]
    first, last = page(lines, number, size=5)
    more = last < len(lines)
    text = composed(*lines[first:last], "Weiter: !mehr" if more else None)
    return Reply(text, answers={"mehr": f"datenschutz alle seite {number + 1}"} if more else {})
