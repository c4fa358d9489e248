"""What a message means as the answer to what the bot has asked before."""

from sqlalchemy.ext.asyncio import AsyncSession

from bot import numbers, reading, short_answers
from bot.incoming import Message
from bot.vocabulary import Call
from commands import UserError
from storage import questions
from storage.models import Question
from storage.replies import DIRECT, ORGA, Reply
from storage.standing import Standing

EITHER = (
    "Hier warten zwei Fragen auf eine Antwort, deshalb zählt dieses Ja nicht. Erst die eigene mit "
    "nein beenden; ein weiteres Ja gilt dann der anderen."
)
"""What an organiser hears whose yes could be the one to their own preview or to somebody else's."""

DONE, DECLINED = Reply("In Ordnung."), Reply("In Ordnung, es bleibt alles, wie es ist.")
"""What ends a question for good: there is nothing to run, but the question is over."""

TOO_LATE = Reply(
    "Das kam zu spät: Eine Vorschau gilt 10 Minuten, nach einem abgelehnten Befehl nicht mehr.\n"
    "Es hat sich nichts geändert. Bitte den Befehl noch einmal schreiben."
)
NO_MORE = Reply("Mehr gibt es dazu nicht. Was ich kann: !hilfe")

ENDINGS = (DONE, DECLINED, TOO_LATE, NO_MORE)
"""Replies that change nothing but are the last word; others ask back."""


async def answered(db: AsyncSession, message: Message, place: Standing) -> Call | Reply | None:
    """The message as the answer to what the bot asked this person here last."""
    short = short_answers.read(message.body, message.direct)
    if short is None:
        if place.place != DIRECT or not numbers.may_begin(message.body):
            return None
        return await numbers.sentence(db, place, reading.unquoted(message.body), message.sent)
    asked = await questions.pending(
        db, message.room_id, message.sender, message.now, alone=message.direct
    )
    common = await _common(db, message, place)
    if common and asked and asked.confirms and short == "ja":
        raise UserError(EITHER)
    for one in (asked, common):
        if one and (meant := await given(db, one, short)):
            return meant
    if short.isdigit() and place.place == DIRECT:
        return await numbers.alone(db, place, int(short), message)
    if short == short_answers.MORE:
        typed = message.direct or reading.is_command(message.body)
        return NO_MORE if typed else None
    late = place.place in (DIRECT, ORGA) and await questions.lapsed(
        db, message.room_id, message.sender, message.now
    )
    return await given(db, late, short) and TOO_LATE if late else None


async def given(db: AsyncSession, asked: Question, short: str) -> Call | Reply | None:
    """What this answer to a question means; nothing if it is none.

    One may choose again from what was offered in the same room, but nothing else twice.
    """
    lines = {reading.fold(answer): line for answer, line in asked.answers.items()}
    digits = [answer for answer in asked.answers if answer.isdigit()]
    key = short_answers.LATER if ":" in short else short
    if key in lines or short == "nein":
        if not short.isdigit() or asked.room_id == asked.mxid:
            await questions.forget(db, asked)
        if key not in lines:
            return DECLINED
        return as_call(lines[key], asked.confirms, short) if lines[key] else DONE
    if digits and short.isdigit():
        return Reply(f"Zur Wahl stehen {', '.join(digits)}. Bitte eine davon schreiben.")
    return None


async def _common(db: AsyncSession, message: Message, place: Standing) -> Question | None:
    """What waits here for the answer of any organiser."""
    if not place.leads:
        return None
    return await questions.pending(db, message.room_id, questions.ANYBODY, message.now)


def as_call(line: str, confirmed: bool = False, answer: str = "") -> Call:
    """The command line that was kept for an answer."""
    name, _, rest = line.partition(" ")
    return Call(name, rest, confirmed, answer)
