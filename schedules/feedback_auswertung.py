"""When the time for feedback is over: what was said, to the organisers."""

from collections.abc import Iterator, Sequence

from schedules import Context, cut, schedule
from storage import feedback, meetings
from storage.replies import ORGA, Post

ROOM = 500  # characters of comments in one post


@schedule("Auswertung der Rückmeldungen")
async def feedback_auswertung(ctx: Context) -> str | None:
    """Sums, then sentences without names; nothing while that would tell who said what."""
    found = await feedback.summary(ctx.db, ctx.course, ctx.meeting)
    if found is None:
        return None
    title = f"Rückmeldung zu {meetings.short_title(ctx.meeting)}: {found.count} Antworten"
    middle = f"{found.median:g}".replace(".", ",")
    sums = f"**{title}**\nMittlerer Wert: {middle} ({feedback.SCALE})"
    posts = [*_pages([sums, *(f"– „{cut(comment, 300)}“" for comment in found.comments)])]
    ctx.also.extend(Post(ORGA, text) for text in posts[:-1])
    return posts[-1]


def _pages(lines: Sequence[str]) -> Iterator[str]:
    """The lines, as many in a post as a phone shows."""
    page: list[str] = []
    for line in lines:
        if page and (len("\n".join([*page, line])) > ROOM or len(page) >= 10):
            yield "\n".join(page)
            page = []
        page.append(line)
    if page:
        yield "\n".join(page)
