"""!mentoring: ask for a talk with the trainer; what it is about stays between the two."""

from commands import Answer, Context, UserError, command, composed, quoted
from storage import people, standing
from storage.replies import ORGA, Post, Reply


@command(
    "vertrauliches Einzelgespräch",
    example="!mentoring",
    aliases=("coaching", "einzelgespräch"),
)
async def mentoring(ctx: Context) -> Answer:
    """Nothing but the interest is passed on, and that only after a yes (product A.3)."""
    if ctx.person is None:
        raise UserError("Mentoring gibt es für Teilnehmende. Fragen: !orga")
    if not ctx.direct:
        raise UserError("Das geht nur unter vier Augen: bitte mir direkt !mentoring schreiben.")
    if not ctx.confirmed:
        text = composed(
            "Mentoring ist freiwillig und vertraulich: ein Einzelgespräch von 45 Minuten.",
            "**Interesse weitergeben?** Ja oder Nein. Worum es geht, bleibt im Gespräch.",
        )
        return Reply(text, answers={"ja": "mentoring"}, confirms=True)
    if await standing.room_of(ctx.db, ctx.course.id, ORGA) is None:
        raise UserError("Das kann ich noch nicht weitergeben, mir fehlt der Raum der Leitung.")
    network = await people.network_of(ctx.db, ctx.course, ctx.person)
    who = f"{quoted(ctx.person.display, 80)}" + (f" ({quoted(network, 80)})" if network else "")
    text = f"**Mentoring gewünscht: {who}**\nBitte weitergeben, vertraulich und ohne Nachfragen."
    hint = "Terminvorschlag: auf diesen Beitrag antworten, ich bringe ihn zurück."
    ctx.also.append(Post(ORGA, f"{text}\n{hint}", push=True, wants_reply=True))
    return "Weitergegeben. Der Terminvorschlag kommt hier im Chat, meist am selben Arbeitstag."
