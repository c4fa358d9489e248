"""!anwesenheit: what somebody attended so far, for nobody else's eyes."""

from collections.abc import Sequence

from commands import Context, UserError, command, composed, quoted
from storage import attendance, calendar, meetings
from storage.attendance import Account
from storage.models import Meeting
from storage.replies import Whisper


@command(
    "eigener Zwischenstand fürs Zertifikat",
    example="!anwesenheit",
    aliases=("fehlzeiten", "wie oft habe ich gefehlt", "mein stand"),
)
async def anwesenheit(ctx: Context) -> str:
    """The asker's own account, in the direct chat; a room hears no numbers (product C)."""
    if ctx.person is None:
        raise UserError("Einen Zwischenstand gibt es nur für Teilnehmende. Fragen: !orga")
    account = await attendance.account(ctx.db, ctx.course, ctx.person, now=ctx.now)
    if ctx.direct:
        return _told(ctx, account)
    ctx.also.append(Whisper(ctx.sender, _told(ctx, account)))
    return "Das schicke ich direkt, hier im Raum stehen keine Zahlen."


def _told(ctx: Context, account: Account) -> str:
    percent = ctx.course.quota_percent
    reported = f"Dazu selbst gemeldet, noch nicht bestätigt: {account.reported} UE"
    return composed(
        "**Zwischenstand, nur hier und für die Lehrgangsleitung**",
        f"Besucht: {account.attended} von bisher {account.so_far} UE",
        reported if account.reported else None,
        f"Nötig fürs Zertifikat: {account.required} von {account.total} UE ({percent} Prozent)",
        f"Reserve: {_reserve(account)}",
        _forecast(account),
        f"Gefehlt: {_named(account.missed)}" if account.missed else None,
        f"Abgemeldet oder nicht dabei: {_named(account.absent)}" if account.absent else None,
        f"Noch nicht eingetragen: {_named(account.unconfirmed)}" if account.unconfirmed else None,
        "Es zählt die Zeit in UE, nicht die Zahl der Termine: !zertifikat",
        "Verbindlich ist die Liste der IHK. Fragen: !orga",
    )


def _forecast(account: Account) -> str:
    """Whether it can still be reached, if no more is missed than is known."""
    if account.margin < 0:
        return "Erreichbar: voraussichtlich nicht mehr. Am besten gleich melden: !orga"
    announced = f", gemeldete Fehlzeit abgezogen (Rest {account.margin} UE)"
    return f"Erreichbar: ja, bis zu {account.best} UE" + (announced if account.announced else "")


def _reserve(account: Account) -> str:
    if account.reserve < 0:
        return f"aufgebraucht, es fehlen {-account.reserve} UE"
    if account.reserve == 0:
        return "keine. Bitte ab jetzt möglichst jeden Termin wahrnehmen."
    webinars = account.reserve // account.webinar if account.webinar else 0
    count = f", also {webinars} Webinar{'e' if webinars > 1 else ''}" if webinars else ""
    return f"noch {account.reserve} UE{count}"


def _named(dates: Sequence[Meeting]) -> str:
    shown = [f"{quoted(meetings.subject(m), 40)} ({calendar.short(m.day)})" for m in dates[:3]]
    return ", ".join(shown) + (f" und {len(dates) - 3} weitere" if len(dates) > 3 else "")
