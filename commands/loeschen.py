"""!loeschen: erase what is one's own, and ask the organisers about the rest."""

from commands import Answer, Context, UserError, command, composed, quoted
from storage import catalogue, erasures, own_data, people
from storage.catalogue import FOR_RESULT, TECHNICAL, Erased
from storage.replies import ORGA, Post, Reply


@command("eigene Angaben löschen", example="!loeschen", aliases=("lösch meine daten", "löschung"))
async def loeschen(ctx: Context) -> Answer:
    """After the word LÖSCHEN; attendance is needed for the certificate (product C.12)."""
    if not ctx.direct:
        raise UserError("Das geht nur unter vier Augen: bitte mir direkt !loeschen schreiben.")
    if ctx.person is None:
        raise UserError("Das gilt für Teilnehmende. Alles andere: !datenschutz")
    if not ctx.confirmed:
        return _question(ctx)
    whose = await own_data.owner(ctx.db, ctx.sender, ctx.room_id)
    await erasures.erase_own(ctx.db, whose, ctx.now)
    network = await people.network_of(ctx.db, ctx.course, ctx.person)
    who = quoted(ctx.person.display, 80) + (f" ({quoted(network, 80)})" if network else "")
    text = (
        f"**Löschwunsch von {who}**\nGelöscht ist: {_kinds(Erased.AT_ONCE)}.\n"
        f"Zu entscheiden: {_kinds(Erased.ASKED)}, gebraucht fürs Zertifikat.\n"
        "Antworten: auf diesen Beitrag antworten, ich bringe es zurück."
    )
    ctx.also.append(Post(ORGA, text, push=True, wants_reply=True))
    return composed(
        f"**Gelöscht:** {_kinds(Erased.AT_ONCE)}.",
        "Der Wunsch zum Rest ist bei der Lehrgangsleitung, die Antwort kommt hier.",
        "Was in den Räumen steht, bleibt in den Geräten der anderen. Prüfen: !meinedaten",
    )


def _question(ctx: Context) -> Reply:
    text = composed(
        f"Sofort löschen kann ich: {_kinds(Erased.AT_ONCE)}, dazu Stimmen in laufenden "
        "Abstimmungen.",
        f"{_kinds(Erased.ASKED)} braucht die IHK für das Zertifikat; dazu leite ich den Wunsch "
        "weiter.",
        f"Gezählte Stimmen verschwinden {FOR_RESULT.told(ctx.course)} von selbst.",
        "Jetzt löschen? Bitte mit **LÖSCHEN** antworten.",
    )
    return Reply(text, answers={"löschen": "loeschen"}, confirms=True)


def _kinds(erased: Erased) -> str:
    kinds = catalogue.kinds(entry for entry in catalogue.personal() if entry.erased is erased)
    return ", ".join(kind for kind in kinds if kind != TECHNICAL)
