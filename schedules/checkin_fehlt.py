"""After a meeting, whoever neither checked in nor signed off is asked once, in private."""

from schedules import Context, schedule
from storage import checkin, meetings
from storage.replies import Whisper


@schedule("Frage nach dem Check-in")
async def checkin_fehlt(ctx: Context) -> None:
    """No count, no reproach, and no reason is asked for."""
    found = await checkin.roster(ctx.db, ctx.course, ctx.meeting)
    text = (
        f"**{meetings.short_title(ctx.meeting)} ohne Check-in.** Dabei gewesen?\n"
        "Antwort: „war da“ oder „war nicht da“. Einen Grund brauche ich nicht."
    )
    answers = {"ja": f"da {ctx.meeting.key} war", "nein": f"da {ctx.meeting.key} nicht"}
    ctx.also.extend(Whisper(p.mxid, text, answers) for p in found.silent if p.mxid)
