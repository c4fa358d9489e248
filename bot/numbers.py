"""What a number in a direct chat means when nothing special was asked: a vote, or feedback."""

import re
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from bot.incoming import Message
from bot.vocabulary import Call
from storage import feedback, folding, polls
from storage.models import Poll, Topic
from storage.replies import Reply
from storage.standing import Standing

_SENTENCE: Final = re.compile(
    r"\s*([1-5])(?:\s*[-–:,.;]\s*|\s+)(?!(?:uhr|minuten?|stunden?|tagen?|tage|wochen?|monate?|mal"
    r"|fragen?|personen|leute|termine?|webinare?)\b)([„“\"'*(]*[^\W\d].*)",
    re.I | re.S,
)
SCORES: Final = range(feedback.BEST, feedback.WORST + 1)
VOTE, RATING = "Stimme", "Rückmeldung"
"""What people answer when both could be meant."""


async def alone(
    db: AsyncSession, place: Standing, number: int, message: Message
) -> Call | Reply | None:
    """What the bare number means; asked back where it could be a vote and feedback as well.

    Nobody can be asked about what waited while the bot was away: then no vote may be lost.
    """
    at = message.sent
    webinar = place.person and await feedback.asked(db, place.course, at)
    poll = await polls.current(db, place.course, at)
    vote = Call("stimme", str(number)) if _voted(poll, at) else None
    if not webinar or (vote and message.backlog):
        return vote
    options = await _options(db, poll, at)
    chosen = next((option for option in options if option.number == number), None)
    if chosen and number in SCORES:
        return Reply(
            f"Die {number} kann zweierlei heißen. Was ist gemeint?\n"
            f"**{VOTE}** – für „{chosen.short[:60]}“\n**{RATING}** – zum letzten Webinar\n"
            "Bitte mit dem Wort antworten.",
            answers={VOTE: f"stimme {number}", RATING: f"feedback {number}"},
        )
    return vote if vote and number not in SCORES else Call("feedback", str(number))


def may_begin(body: str) -> bool:
    """Whether it is worth looking for a number at the beginning, maybe behind a quote."""
    return body[:1] in "12345> "


async def sentence(db: AsyncSession, place: Standing, text: str, at: datetime) -> Call | None:
    """A number with a sentence behind it is feedback, unless it is what one can vote for."""
    found = _SENTENCE.fullmatch(text[:2_000])
    if found is None or place.person is None:
        return None
    if await feedback.asked(db, place.course, at) is None:
        return None
    options = await _options(db, await polls.current(db, place.course, at), at)
    named = {folding.fold_words(o.short): [o] for o in options}
    if any(str(o.number) == found[1] for o in folding.look_up(found[2], named)):
        return Call("stimme", found[1])
    return Call("feedback", f"{found[1]} {found[2]}")


async def _options(db: AsyncSession, poll: Poll | None, at: datetime) -> list[Topic]:
    """What one can vote for at that moment."""
    return [*await polls.options(db, poll)] if poll and polls.is_open(poll, at) else []


def _voted(poll: Poll | None, at: datetime) -> bool:
    """Whether the last question to everybody was the poll, be it over by now."""
    return poll is not None and poll.opens <= at < poll.closes + polls.ECHO
