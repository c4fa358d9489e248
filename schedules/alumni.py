"""After the last meeting: congratulations, and who wants to stay in touch."""

from schedules import Context, schedule
from storage import checkin
from storage.replies import Whisper


@schedule("Frage nach dem Alumni-Netzwerk", foretold=True)
async def alumni(ctx: Context) -> str:
    """Everybody is asked alone; who says nothing has not agreed (product C.3, D.7)."""
    text = (
        "**Lust auf das Alumni-Netzwerk?** Mit ja kommt eine Einladung in den Alumni-Raum, und nur "
        "dann ziehen Name des Netzwerks und Angebote mit um.\n"
        "Antwort: ja oder nein. Später geht es auch: !alumni"
    )
    answers = {"ja": "alumni ja", "nein": "alumni nein"}
    people = await checkin.members(ctx.db, ctx.course)
    ctx.also.extend(Whisper(p.mxid, text, answers) for p in people if p.mxid)
    return (
        "**Herzlichen Glückwunsch zum Abschluss!** Die Zertifikate kommen von der IHK.\n"
        "Lust auf das Alumni-Netzwerk? Die Frage dazu kommt als Direktnachricht, oder mir direkt "
        "schreiben: !alumni"
    )
