"""!anwesenheit: what somebody attended so far, for nobody else's eyes."""

from collections.abc import Sequence

from commands import Context, UserError, command, composed, quoted
from storage import attendance, calendar, meetings
from storage.attendance import Account
from storage.models import Meeting


@command(
    "eigener Zwischenstand fürs Zertifikat",
    example="!anwesenheit",
    aliases=("fehlzeiten", "wie oft habe ich gefehlt", "mein stand"),
)
async def anwesenheit(ctx: Context) -> str:
    """The asker's own account, in the direct chat only; a room hears no numbers (product C)."""
    if not ctx.direct:
        return "Das geht nur unter vier Augen: bitte mir direkt !anwesenheit schreiben."
    if ctx.person is None:
        raise UserError("Einen Zwischenstand gibt es nur für Teilnehmende. Fragen: !orga")
    account = await attendance.account(ctx.db, ctx.course, ctx.person, now=ctx.now)
    if account.so_far == 0:
        return "Es ist noch keine Anwesenheit eingetragen. Was zählt: !zertifikat"
    percent = ctx.course.quota_percent
    return composed(
        "**Zwischenstand, nur hier und für die Lehrgangsleitung**",
        f"Besucht: {account.attended} von bisher {account.so_far} UE",
        f"Nötig fürs Zertifikat: {account.required} von {account.total} UE ({percent} Prozent)",
        f"Reserve: {_reserve(account)}",
        f"Gefehlt: {_named(account.missed)}" if account.missed else None,
        f"Noch nicht eingetragen: {_named(account.unconfirmed)}" if account.unconfirmed else None,
        "Verbindlich ist die Liste der IHK. Fragen: !orga",
    )


def _reserve(account: Account) -> str:
    if account.reserve < 0:
        return f"aufgebraucht, es fehlen {-account.reserve} UE. Am besten gleich melden: !orga"
    if account.reserve == 0:
        return "keine. Bitte ab jetzt möglichst jeden Termin wahrnehmen."
    webinars = account.reserve // account.webinar if account.webinar else 0
    count = f", also {webinars} Webinar{'e' if webinars > 1 else ''}" if webinars else ""
    return f"noch {account.reserve} UE{count}"


def _named(dates: Sequence[Meeting]) -> str:
    shown = [f"{quoted(meetings.subject(m), 40)} ({calendar.short(m.day)})" for m in dates[:3]]
    return ", ".join(shown) + (f" und {len(dates) - 3} weitere" if len(dates) > 3 else "")
