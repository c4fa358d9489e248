"""Monday: did last week's tandem meet? Each is asked alone."""

from schedules import Context, cut, schedule
from storage import tandems
from storage.replies import Whisper
from storage.timetable import monday


@schedule("Frage nach dem Tandem")
async def tandem_frage(ctx: Context) -> None:
    """Once for each tandem; yes and no can be written or tapped."""
    lines = {"ja": "tandem ja", "nein": "tandem nein"}
    thumbs = {"👍": lines["ja"], "👎": lines["nein"]}
    for person, others in await tandems.unasked(ctx.db, ctx.course, monday(ctx.due.date())):
        names = " und ".join(cut(name, 60) for name in others) or "dem Gegenüber"
        text = (
            f"Das letzte Tandem war mit {names}. Hat es mit einem Treffen geklappt?\n"
            "ja oder nein schreiben, oder 👍 auf diese Nachricht.\n"
            "Die Lehrgangsleitung sieht nur Summen."
        )
        if person.mxid:
            ctx.also.append(Whisper(person.mxid, text, lines, reactions=thumbs))
