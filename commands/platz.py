"""!platz: organisers give a slot of the programme to a topic."""

from collections.abc import Sequence
from typing import Annotated

from commands import Answer, Context, UserError, command, preview, quoted
from storage import decisions, folding, polls, results, standing
from storage.decisions import Outcome
from storage.models import Topic
from storage.replies import INFO


@command("einem Wahlplatz ein Thema geben", example="!platz B konflikt", admin=True)
async def platz(
    ctx: Context,
    platz: Annotated[str, "der Platz, zum Beispiel B"],
    thema: Annotated[str, "Name oder Nummer des Themas"],
) -> Answer:
    """Ties and slots nobody voted on are decided here; once all are, everybody is told."""
    poll = await polls.election(ctx.db, ctx.course)
    obstacle = await results.obstacle(ctx.db, ctx.course, ctx.now)
    if poll is None or obstacle:
        raise UserError(obstacle or "")
    slot = next((slot for slot in poll.slots if slot.casefold() == platz.casefold()), None)
    if slot is None:
        raise UserError(f"Plätze sind {', '.join(poll.slots)}, nicht „{quoted(platz, 20)}“.")
    topic = _meant(thema, await polls.options(ctx.db, poll))
    decision = decisions.placed(poll.decision, slot, topic)
    found = await decisions.outcome(ctx.db, ctx.course, poll, decision)
    if ctx.confirmed:
        poll.decision = decision
        return await _decided(ctx, found)
    votes = found.tally.votes[topic.number]
    counted = "1 Stimme" if votes == 1 else f"{votes} Stimmen"
    return preview(
        f"platz {slot} {topic.key}",
        f"**{results.place(found, slot)} für {results.short(topic)} ({counted})?**",
        _left(found) or f"Veröffentlicht wird dann: {results.winners(found)}",
    )


def _meant(thema: str, topics: Sequence[Topic]) -> Topic:
    said = folding.fold_words(thema)
    found = [topic for topic in topics if str(topic.number) == said]
    named: dict[str, list[Topic]] = {}
    for topic in topics:
        for known in {folding.fold_words(text) for text in (topic.key, topic.short, topic.title)}:
            named.setdefault(known, []).append(topic)
    found = found or folding.look_up(thema, named)
    if len(found) != 1:
        keys = ", ".join(topic.key for topic in topics)
        raise UserError(f"„{quoted(thema, 40)}“ ist nicht eindeutig. Themen: {keys}")
    return found[0]


async def _decided(ctx: Context, found: Outcome) -> str:
    if left := _left(found):
        return f"Vermerkt. {left}"
    if await standing.room_of(ctx.db, ctx.course.id, INFO) is None:
        raise UserError("Im Raum Ankündigungen bin ich noch nicht. Bitte erst dorthin einladen.")
    ctx.also.append(await results.publish(ctx.db, ctx.course, found, ctx.now))
    return f"Veröffentlicht: {results.winners(found)}\nZurücknehmen: !rueckgaengig"


def _left(found: Outcome) -> str | None:
    open_slots = found.tied and results.places(found, found.tied.slots)
    return f"Danach noch offen: {open_slots}" if open_slots else None
