"""!text: what a post says instead of its usual text, for one meeting or for all."""

from dataclasses import dataclass
from typing import Annotated, Final

from commands import Answer, Context, UserError, command, composed, preview, quoted
from storage import folding, meetings, wording
from storage.models import Meeting, Rule

LONGEST: Final = 350
_EXAMPLE: Final = "!text w3 gleich Um {uhrzeit} geht es los: {zugang}"


@dataclass(frozen=True)
class _Wanted:
    """Which post, about which meeting (None: all), and what it is to say (empty: ask)."""

    rule: Rule
    meeting: Meeting | None
    text: str

    @property
    def key(self) -> str:
        return self.meeting.key if self.meeting else wording.ALWAYS

    @property
    def name(self) -> str:
        about = meetings.name(self.meeting) if self.meeting else "alle Termine"
        return f"„{self.rule.key}“ für {about}"

    @property
    def line(self) -> str:
        """What is typed before the text."""
        return f"text {self.meeting.key if self.meeting else ''} {self.rule.key}".replace("  ", " ")


@command("Text eines Beitrags ändern", example=_EXAMPLE, admin=True)
async def text(
    ctx: Context, was: Annotated[str, "Termin (oder keiner), Beitrag, neuer Text oder „weg“"] = ""
) -> Answer:
    """Shown first as it will look; what looks like a placeholder must be one."""
    wanted = await _read(ctx, was)
    if wanted is None:
        return composed(
            f"Ändern kann ich: {', '.join(wording.CHANGEABLE)}",
            f"Platzhalter: {', '.join(wording.PLACEHOLDERS)}",
            f"So geht es: {_EXAMPLE}",
            "Für alle Termine ohne w3. Wieder wie üblich: !text gleich weg",
        )
    if not wanted.text:
        now = wanted.rule.texts.get(wanted.key, "")
        shown = quoted(now, LONGEST) or "der übliche Text, siehe !vorschau"
        return composed(f"**{wanted.name}:** {shown}", f"Ändern: !{wanted.line} und der neue Text")
    if folding.fold_words(wanted.text) == "weg":
        return _usual(ctx, wanted)
    return await _new(ctx, wanted)


async def _read(ctx: Context, was: str) -> _Wanted | None:
    """The meeting is named by its key or number, before the post; raises UserError."""
    meeting, (name, _, rest) = None, was.strip().partition(" ")
    if not name:
        return None
    rule = await wording.rule(ctx.db, ctx.course, folding.fold_words(name))
    if rule is None:
        post, _, rest = rest.strip().partition(" ")
        rule = await wording.rule(ctx.db, ctx.course, folding.fold_words(post))
        found = await meetings.matching(ctx.db, ctx.course, name, ctx.today) if rule else ()
        if rule and len(found) != 1:
            raise UserError(f"„{quoted(name, 30)}“ passt zu keinem Termin. Zum Beispiel: w3")
        meeting = found[0] if found else None
    if rule is None:
        raise UserError(f"Diesen Beitrag gibt es nicht: {', '.join(wording.CHANGEABLE)}")
    return _Wanted(rule, meeting, rest.strip())


def _usual(ctx: Context, wanted: _Wanted) -> Answer:
    if ctx.confirmed:
        wording.put(wanted.rule, wanted.key, "")
        return f"{wanted.name}: wieder der übliche Text."
    return preview(f"{wanted.line} weg", f"**{wanted.name}: wieder der übliche Text?**")


async def _new(ctx: Context, wanted: _Wanted) -> Answer:
    lines = [quoted(line, LONGEST + 1) for line in wanted.text.splitlines()]
    said = composed(*lines, limit=2 * LONGEST)
    if strange := wording.unknown(said):
        known = ", ".join(wording.PLACEHOLDERS)
        raise UserError(f"{quoted(strange[0], 30)} kenne ich nicht. Platzhalter: {known}")
    if len(said) > LONGEST or len(lines) > 6:
        raise UserError(f"Bitte kürzer: höchstens {LONGEST} Zeichen und 6 Zeilen.")
    if ctx.confirmed:
        wording.put(wanted.rule, wanted.key, said)
        return f"Geändert: {wanted.name}. Wieder wie üblich: !{wanted.line} weg"
    example = wanted.meeting or await meetings.following(ctx.db, ctx.course, now=ctx.now)
    silent = wanted.rule.key == "gleich" and "{zugang}" not in said.casefold()
    return preview(
        f"{wanted.line} {said}",
        f"**Neuer Text: {wanted.name}?**",
        wording.filled(said, ctx.course, example) if example else said,
        "Achtung: ohne {zugang} steht kein Zugang im Beitrag." if silent else None,
    )
