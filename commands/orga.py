"""!orga: pass a question on to the organisers."""

from typing import Annotated

from commands import Context, UserError, command, quoted
from storage import people, standing
from storage.replies import ORGA, Post

LONGEST = 1_000  # characters of a question that are passed on


@command(
    "Frage an die Lehrgangsleitung",
    example="!orga Darf ich früher gehen?",
    aliases=("lehrgangsleitung", "frage an die lehrgangsleitung", "kontakt"),
    phrases={"mensch": "Bitte um Rückmeldung."},
)
async def orga(ctx: Context, frage: Annotated[str, "die Frage"] = "") -> str:
    """Post it in the organisers' room; a reply to that post finds its way back."""
    if not frage.strip(" :,"):
        return (
            "Ich gebe Fragen an die Lehrgangsleitung weiter, so geht es:\n"
            "!orga Darf ich früher gehen?\n"
            "Die Antwort kommt hier im Chat."
        )
    if await standing.room_of(ctx.db, ctx.course.id, ORGA) is None:
        raise UserError("Das kann ich noch nicht weitergeben, mir fehlt der Raum der Leitung.")
    text = f"**Frage von {await _who(ctx)}**\n„{quoted(frage.strip(' :,'), LONGEST)}“"
    hint = "Antworten: auf diesen Beitrag antworten, ich bringe es zurück."
    ctx.also.append(Post(ORGA, f"{text}\n{hint}", push=True, wants_reply=True))
    cut = f"\nWeitergegeben sind die ersten {LONGEST} Zeichen." if len(frage) > LONGEST else ""
    return (
        "Ist bei der Lehrgangsleitung angekommen. "
        f"Antwort kommt hier im Chat, meist am selben Arbeitstag.{cut}"
    )


async def _who(ctx: Context) -> str:
    if ctx.person is None:
        return quoted(ctx.sender, 80)
    network = await people.network_of(ctx.db, ctx.course, ctx.person)
    role = quoted(ctx.person.display, 80)
    return f"{role} ({quoted(network, 80)})" if network else role
