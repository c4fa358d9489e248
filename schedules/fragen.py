"""Before a webinar: what people want to know from those who lead it."""

from schedules import Context, cut, schedule
from storage import meetings, speaker_questions

SHOWN = 6


@schedule("Fragen an das Webinar")
async def fragen(ctx: Context) -> str | None:
    """The questions that most want answered first, for the organisers to pass on."""
    asked = await speaker_questions.about(ctx.db, ctx.course, ctx.meeting)
    if not asked:
        return None
    title = f"**Fragen an {meetings.short_title(ctx.meeting)}**, die wichtigsten zuerst"
    lines = [f"– {cut(q.text, 70)}{_extra(q.by, q.raised)}" for q in asked[:SHOWN]]
    more = [f"und {len(asked) - SHOWN} weitere"] if len(asked) > SHOWN else []
    return "\n".join([title, *lines, *more, "Alle im vollen Wortlaut: !frage"])


def _extra(by: str, raised: int) -> str:
    told = [cut(by, 30)] if by else []
    told += [f"+{raised}"] if raised else []
    return f" ({', '.join(told)})" if told else ""
