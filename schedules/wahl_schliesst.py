"""The election is over: the result goes to the organisers, and to all only if it is clear."""

from collections.abc import Mapping

from schedules import Context, cut, schedule
from storage import calendar, meetings, polls
from storage.models import Meeting
from storage.polls import Standing, Tally
from storage.replies import INFO, ORGA, Closing, Post

LONGEST_LIST = 8


@schedule("Ergebnis der Abstimmung")
async def wahl_schliesst(ctx: Context) -> Closing:
    """Ties and a low turnout are for the organisers to decide: then nothing is published."""
    tally = await polls.tally(ctx.db, ctx.poll)
    standings = tally.standings(ctx.poll.slots)
    topics = await polls.options(ctx.db, ctx.course)
    titles = {topic.number: cut(topic.short or topic.title, 40) for topic in topics}
    dates = await meetings.every(ctx.db, ctx.course)
    slots = {m.slot: m for m in dates if m.slot and not m.cancelled}
    clear = tally.voters >= max(ctx.poll.minimum, 1) and not any(s.tied for s in standings)
    lines = [
        f"**Ergebnis: {tally.voters} von {tally.entitled} Stimmen**",
        *(_line(standing, titles, slots) for standing in standings[:LONGEST_LIST]),
        _what_now(ctx, tally, standings),
    ]
    ctx.also.append(Post(ORGA, "\n".join(lines), push=True))
    if clear:
        ctx.also.append(Post(INFO, _published(tally, standings, titles, slots), push=True))
    place = "steht im Raum Ankündigungen" if clear else "kommt von der Lehrgangsleitung"
    text = f"Die Abstimmung ist geschlossen. Danke fürs Mitmachen! Das Ergebnis {place}."
    return Closing(text, await polls.native(ctx.db, ctx.poll))


def _line(standing: Standing, titles: Mapping[int, str], slots: Mapping[str, Meeting]) -> str:
    named = ", ".join(f"{titles[number]} {standing.votes}" for number in standing.numbers)
    places = " und ".join(_place(slot, slots) for slot in standing.slots)
    if not standing.slots:
        return named
    return f"{named} – {'Gleichstand um ' if standing.tied else ''}{places}"


def _place(slot: str, slots: Mapping[str, Meeting]) -> str:
    return f"Platz {slot}" + (f" ({calendar.short(slots[slot].day)})" if slot in slots else "")


def _what_now(ctx: Context, tally: Tally, standings: list[Standing]) -> str:
    least = max(ctx.poll.minimum, 1)
    if tally.voters < least:
        few = f"Nötig wären {least}" if least > 1 else "Niemand hat abgestimmt"
        return f"{few}. Nichts ist veröffentlicht, die Lehrgangsleitung entscheidet, wie weiter."
    open_slots = [slot for standing in standings if standing.tied for slot in standing.slots]
    if open_slots:
        places = " und ".join(f"Platz {slot}" for slot in open_slots)
        return (
            f"Über {places} entscheidet die Lehrgangsleitung. Bis dahin ist nichts veröffentlicht."
        )
    return "Das Ergebnis steht jetzt im Raum Ankündigungen."


def _published(
    tally: Tally,
    standings: list[Standing],
    titles: Mapping[int, str],
    slots: Mapping[str, Meeting],
) -> str:
    won = [(titles[s.numbers[0]], s.slots[0]) for s in standings if s.slots]
    named = (
        f"{title} am {calendar.short(slots[slot].day)}" if slot in slots else title
        for title, slot in won
    )
    return (
        f"**Ergebnis ({tally.voters} von {tally.entitled}): {', '.join(named)}** "
        "Danke fürs Mitmachen. Alle Termine: !programm alle"
    )
