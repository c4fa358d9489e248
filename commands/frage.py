"""!frage: something to ask those who lead a webinar, with or without a name."""

import re
from typing import Annotated, Final

from commands import Answer, Context, UserError, command, composed, page, quoted
from storage import meetings, occurrences, speaker_questions
from storage.models import Meeting, Person, SpeakerQuestion
from storage.replies import ORGA, TALK, Post, Reaction, Reply
from storage.speaker_questions import LONGEST, MOST, Asked

_EXAMPLE: Final = "!frage Wie kommt man in die Lokalzeitung?"
_RAISE: Final = re.compile(r"hoch\W+(\d{1,6})\W*", re.I)
_PAGE: Final = re.compile(r"Seite (\d{1,3})")
_SAID: Final = re.compile(r"(?:(w(?:ebinar)? ?\d{1,2})(?:\W+|$))?(.*)", re.I | re.S)


@command(
    "Frage an ein Webinar, auch ohne Namen",
    example=_EXAMPLE,
    aliases=("fragen", "frage an die referentin", "frage an den referenten"),
    ended=False,
)
async def frage(
    ctx: Context, text: Annotated[str, "die Frage; leer: alle; „hoch 3“: die will ich auch"] = ""
) -> Answer:
    """Collected for the next webinar or the one named; others see it and can raise it."""
    text = text.strip(" :,\n")
    if raised := _RAISE.fullmatch(text):
        return await _raise(ctx, int(raised[1]))
    if not text or _PAGE.fullmatch(text):
        return await _list(ctx, int(text[6:] or 1))
    if ctx.person is None:
        raise UserError("Fragen an Webinare stellen die Teilnehmenden. An die Leitung: !orga")
    if not ctx.direct:
        raise UserError("Bitte mir direkt schreiben, dann geht es auch ohne Namen: !frage …")
    return await (_keep if ctx.confirmed else _propose)(ctx, ctx.person, text)


async def _coming(ctx: Context) -> list[Meeting]:
    """The webinars that can still be asked something. Raises `UserError` if there is none."""
    every = await meetings.upcoming(ctx.db, ctx.course, after=ctx.now)
    if not (found := [meeting for meeting in every if meeting.kind == "webinar"]):
        raise UserError("Es kommt kein Webinar mehr. An die Lehrgangsleitung: !orga")
    return found


async def _propose(ctx: Context, person: Person, text: str) -> Reply:
    """Show where the question would go: to the next webinar or the one it begins with."""
    said = _SAID.fullmatch(text)
    assert said is not None
    found = await _coming(ctx)
    if said[1]:
        named = await meetings.matching(ctx.db, ctx.course, said[1], ctx.today)
        found = [meeting for meeting in named if meeting in found]
    wording = quoted(said[2], LONGEST + 1)
    if not found or not 0 < len(wording) <= LONGEST:
        raise UserError(f"Bitte zu einem kommenden Webinar, bis {LONGEST} Zeichen: {_EXAMPLE}")
    if await speaker_questions.count(ctx.db, person, found[0]) >= MOST:
        raise UserError(f"Mehr als {MOST} Fragen zu einem Webinar gehen nicht. Alle: !frage")
    return _preview(found[0], wording)


def _preview(webinar: Meeting, wording: str) -> Reply:
    text = composed(
        f"**Soll ich diese Frage ohne Namen an {meetings.name(webinar)} geben?**",
        f"„{wording}“",
        "Im Raum Austausch können andere sie dann sehen und unterstützen.",
        "Antwort: **Ja**, **mit Namen** oder **Nein**.",
    )
    anonymous = f"frage anonym {webinar.key} {wording}"
    named = f"frage namentlich {webinar.key} {wording}"
    answers = {"ja": anonymous, "ohne Namen": anonymous, "mit Namen": named, "ja mit Namen": named}
    return Reply(text, answers=answers, confirms=True)


async def _keep(ctx: Context, person: Person, line: str) -> str:
    """What was agreed to, as `_preview` has put it."""
    how, key, wording = line.split(" ", 2)
    webinar = next((m for m in await _coming(ctx) if m.key == key), None)
    if webinar is None:
        raise UserError("Dazu ist es jetzt zu spät. An die Lehrgangsleitung: !orga")
    named = how == "namentlich"
    question = SpeakerQuestion(
        course_id=ctx.course.id,
        meeting=webinar.key,
        person=person.key,
        text=wording,
        named=named,
        at=ctx.now,
    )
    await speaker_questions.ask(ctx.db, question)
    which, by = meetings.name(webinar), f" von {quoted(person.display)}" if named else ""
    text = f"**Frage {question.id} an {which}{by}:**\n„{wording}“"
    line = f"frage hoch {question.id}"
    hint = f"Auch für andere spannend? 👍 oder !{line}"
    ctx.also.append(Post(TALK, f"{text}\n{hint}", reactions={"👍": line}))
    if await occurrences.announced(ctx.db, ctx.course, "fragen", webinar.key) is None:
        ctx.also.append(Post(ORGA, text))  # the list has gone out
    told = "mit" if named else "ohne"
    return f"Notiert: Frage {question.id} an {which}, {told} Namen.\nAlle Fragen: !frage"


async def _raise(ctx: Context, number: int) -> Answer:
    if ctx.person is None:
        raise UserError("Unterstützen können Fragen nur die Teilnehmenden. Alle: !frage")
    question = await speaker_questions.known(ctx.db, ctx.course, number)
    if question is None:
        raise UserError(f"Eine Frage {number} gibt es nicht. Alle: !frage")
    count = await speaker_questions.raise_up(ctx.db, ctx.person, question)
    if not ctx.direct:
        return Reaction("👍")
    own = question.person == ctx.person.key
    return f"{'Das ist die eigene' if own else 'Vermerkt:'} Frage {number} (+{count})."


async def _list(ctx: Context, number: int) -> Answer:
    webinar = (await _coming(ctx))[0]
    lines = [_line(q) for q in await speaker_questions.about(ctx.db, ctx.course, webinar)]
    title = quoted(meetings.short_title(webinar))
    if not lines:
        return f"An {title} gibt es noch keine Fragen. So geht es: {_EXAMPLE}"
    first, last = page(lines, number)
    more = last < len(lines)
    text = composed(
        f"**Fragen an {title}**",
        *lines[first:last],
        "Unterstützen: !frage hoch und die Nummer",
        "Weiter: !mehr" if more else None,
    )
    return Reply(text, answers={"mehr": f"frage Seite {number + 1}"} if more else {})


def _line(asked: Asked) -> str:
    extra = ", ".join(filter(None, (quoted(asked.by), f"+{asked.raised}" if asked.raised else "")))
    return f"{asked.number} – {asked.text}" + (f" ({extra})" if extra else "")
