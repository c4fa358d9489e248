"""!feedback: how helpful the webinar was, for nobody to know from whom."""

import re
from typing import Annotated, Final

from commands import Answer, Context, UserError, command, composed, quoted
from storage import calendar, meetings
from storage import feedback as answers
from storage.models import Feedback, Meeting
from storage.replies import Reply
from storage.timetable import feedback_until

_WORDS: Final = ("eins", "zwei", "drei", "vier", "fünf")
_SAID: Final = re.compile(
    rf"\s*([1-5]|{'|'.join(_WORDS)})(?![\w/]|[.,:-]\d)[\W_]*(.*)", re.I | re.S
)
_EXAMPLE: Final = "!feedback 2 gute Beispiele"


@command(
    "wie hilfreich das Webinar war",
    example=_EXAMPLE,
    aliases=("rückmeldung", "bewertung"),
    late=True,
    ended=False,
)
async def feedback(
    ctx: Context, note: Annotated[str, "eine Zahl von 1 bis 5, gern mit einem Satz dazu"] = ""
) -> Answer:
    """One answer per person and webinar while its window is open, as the server got it."""
    webinar = await _asked(ctx)
    if not note.strip():
        return _question(ctx, webinar)
    assert ctx.person is not None
    said = _SAID.fullmatch(note[:2_000])
    if said is None:
        raise UserError(f"Es fehlt eine Zahl von 1 bis 5 ({answers.SCALE}), so: {_EXAMPLE}")
    word = said[1].lower()
    score = int(word) if word.isdigit() else _WORDS.index(word) + 1
    comment = quoted(said[2], answers.LONGEST)
    row = Feedback(
        course_id=ctx.course.id,
        person=ctx.person.key,
        meeting=webinar.key,
        score=score,
        comment=comment,
        at=ctx.sent,
    )
    await answers.give(ctx.db, row)
    sentence = f", „{comment}“" if comment else ""
    return composed(
        f"Danke, Rückmeldung zu {meetings.name(webinar)} ist notiert: **{score}**{sentence}.",
        f"Weitergabe ohne Namen und erst ab {_minimum(ctx)} Rückmeldungen.",
        "Ändern: einfach noch einmal schreiben.",
    )


async def _asked(ctx: Context) -> Meeting:
    """The webinar it is about; raises `UserError` where nothing can be said about one."""
    if ctx.person is None:
        raise UserError("Rückmeldung geben die Teilnehmenden. Fragen: !orga")
    if not ctx.direct:
        raise UserError(f"Das geht nur unter vier Augen: bitte direkt an mich, etwa {_EXAMPLE}")
    webinar = await answers.asked(ctx.db, ctx.course, ctx.sent)
    if webinar is None:
        raise UserError(
            "Zurzeit ist keine Rückmeldung gefragt; nach dem nächsten Webinar wieder. "
            "Etwas anderes für die Lehrgangsleitung: !orga"
        )
    return webinar


def _question(ctx: Context, webinar: Meeting) -> Reply:
    until = feedback_until(ctx.course, webinar)
    end = f"{calendar.short(until.date())}, {calendar.clock(until.time())} Uhr"
    text = composed(
        f"**Wie hilfreich war {quoted(meetings.short_title(webinar), 90)}?**",
        answers.SCALE,
        f"Einfach die Zahl schreiben, gern mit einem Satz dazu. Bis {end}.",
    )
    scores = range(answers.BEST, answers.WORST + 1)
    return Reply(text, answers={str(score): f"feedback {score}" for score in scores})


def _minimum(ctx: Context) -> str:
    count = ctx.course.feedback_minimum
    return _WORDS[count - 1] if 1 < count <= len(_WORDS) else str(max(count, 1))
