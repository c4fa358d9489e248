"""!neuerreferent: somebody else leads a meeting."""

from collections.abc import Mapping
from typing import Annotated

from commands import Answer, Context, UserError, announced, command, composed, quoted
from storage import calendar, changes, folding, meetings
from storage.models import Meeting


@command(
    "wer einen Termin leiten soll",
    example="!referent w5 Digitale Werkzeuge",
    aliases=("referent", "referentin", "referenten", "dozent", "dozentin", "dozenten"),
    admin=True,
)
async def neuerreferent(
    ctx: Context, termin: Meeting, wer: Annotated[str, "die Rolle, mehrere mit Komma"] = ""
) -> Answer:
    """Roles of the course file, found by a part of their names; nobody is named (product A.3)."""
    roles = await meetings.roles(ctx.db, ctx.course)
    which = f"{meetings.name(termin)} ({calendar.short(termin.day)})"
    old = _named(roles, termin.speakers)
    if not wer:
        return f"{which}: {old}\nÄndern: !referent {termin.key} und dann die Rolle"
    if meetings.is_open(termin):
        raise UserError(f"Das Thema von {which} wird gewählt. Entscheiden: !platz {termin.slot} …")
    keys = list(dict.fromkeys(_meant(roles, part) for part in wer.split(",")))
    if keys == termin.speakers or meetings.is_past(ctx.course, termin, ctx.now):
        raise UserError(f"{which}: {old}. Es hat sich nichts geändert.")
    lines = [f"bisher: {old}", f"neu: **{_named(roles, keys)}**"]
    if not ctx.confirmed:
        return await announced(
            ctx,
            [termin],
            f"neuerreferent {termin.key} {', '.join(keys)}",
            f"**{which}: andere Leitung?**",
            *lines,
        )
    wanted = [(termin, {"topic": termin.topic, "speakers": keys})]
    saying = (composed(f"**Programmänderung: {which}**", *lines), ctx.answer)
    posts, said = await changes.told(ctx.db, ctx.course, wanted, saying, ctx.now)
    ctx.also.extend(posts)
    return f"Geändert: {which} – {_named(roles, keys)}\n{said}"


def _named(roles: Mapping[str, str], keys: list[str]) -> str:
    return ", ".join(quoted(roles.get(key, key), 80) for key in keys) or "noch niemand"


def _meant(roles: Mapping[str, str], typed: str) -> str:
    """The key of the only role that this can be."""
    said = typed.strip()
    named = {folding.fold_words(role): [key] for key, role in roles.items()}
    found = [said] if said in roles else folding.look_up(folding.fold_words(said), named)
    if len(found) != 1:
        known = ", ".join(quoted(role, 40) for role in roles.values())
        raise UserError(
            composed(f"„{quoted(said, 40)}“ ist keine Rolle, oder mehrere. Es gibt:", known)
        )
    return found[0]
