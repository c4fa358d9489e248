"""!satz: one's own network in one sentence."""

from typing import Annotated

from commands import Answer, Context, UserError, command, composed, preview, quoted
from storage import folding, profiles

LONGEST = 160


@command(
    "das eigene Netzwerk in einem Satz",
    example="!satz Wo Bus und Bahn selten fahren, kommt MINT mit dem Transporter.",
    aliases=("unser satz", "mein satz"),
    ended=False,
)
async def satz(
    ctx: Context, text: Annotated[str, "der Satz; „nicht“ nimmt ihn zurück"] = ""
) -> Answer:
    """Asked back, since everybody in the course can see it."""
    own = await profiles.own(ctx.db, ctx.course, ctx.person)
    if own is None or ctx.person is None:
        raise UserError(profiles.NO_NETWORK)
    name, before = quoted(own.network.short), quoted(own.network.sentence, LONGEST)
    if not folding.fold_words(text):
        now = f"Bisher: „{before}“" if before else f"{name} hat noch keinen Satz."
        return composed(now, "Neu: !satz und dahinter der Satz")
    back = folding.fold_words(text) in ("nicht", "keiner", "loeschen")
    new = "" if back else profiles.tidy(text, LONGEST)
    if len(new) > LONGEST:
        raise UserError(f"Bitte kürzer: ein Satz mit höchstens {LONGEST} Zeichen.")
    if ctx.confirmed:
        await profiles.say(ctx.db, own, ctx.person, new, ctx.now)
        return (
            "Eingetragen. Ansehen: !steckbrief" if new else "Zurückgenommen. Ansehen: !steckbrief"
        )
    if back:
        return preview("satz nicht", f"Soll bei {name} wieder der ursprüngliche Satz stehen?")
    asked = f"Soll das der Satz von {name} sein?"
    return preview(f"satz {new}", asked, f"**„{quoted(new, LONGEST)}“**", profiles.VISIBLE)
