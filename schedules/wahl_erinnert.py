"""Who has not answered yet is reminded, in private and never at night."""

from schedules import Context, cut, schedule
from storage import polls
from storage.replies import Whisper


@schedule("Erinnerung an die Abstimmung")
async def wahl_erinnert(ctx: Context) -> None:
    """Nobody else gets to know who has voted; to abstain is an answer, too."""
    numbers = [str(option.number) for option in await polls.options(ctx.db, ctx.poll)]
    valid = " oder ".join(filter(None, (", ".join(numbers[:-1]), *numbers[-1:])))
    asked = ctx.poll.kind == polls.QUESTION
    about = f": {cut(ctx.poll.question, 120)}" if asked else " zu den Wahlthemen."
    text = (
        f"Noch keine Stimme{about}\n"
        f"Bis {ctx.when(ctx.poll.closes)}: einfach {valid} antworten. Oder: enthalten.\n"
        f"Worum es geht: {polls.about(ctx.poll)}"
    )
    answers = {number: f"stimme {number}" for number in numbers}
    silent = await polls.silent(ctx.db, ctx.poll)
    ctx.also.extend(Whisper(mxid, text, answers) for mxid in silent)
