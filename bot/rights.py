"""Who may do what organisers do: decided by full Matrix ids, the room, and how a message came.

Names, texts and everything else in a message are never asked (promises, P5).
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from bot import reading
from bot.incoming import Message
from storage.replies import ORGA
from storage.standing import Standing

ORGANISERS_ONLY: Final = (
    "Diesen Befehl gibt es nur für die Lehrgangsleitung, in ihrem Raum.\n"
    "Abmelden für einen Termin: !abmelden"
)
NEW_ONLY: Final = (
    "Das zählt hier nur als neue, eigene Nachricht: nicht bearbeitet, nicht als Antwort oder im "
    "Thread, nicht weitergeleitet. Bitte noch einmal schreiben."
)
SEALED_ONLY: Final = (
    "Diese Nachricht kam unverschlüsselt in einen verschlüsselten Raum. Befehle der "
    "Lehrgangsleitung zählen hier nur verschlüsselt: bitte aus einem verschlüsselnden Chat senden."
)


def led(place: Standing, room_id: str, rooms: Collection[str]) -> Standing:
    """The same, and whether it is an organiser's: in their room, as a member of it now.

    `rooms` are those in which the person is together with the bot.
    """
    return replace(place, leads=place.organiser and place.place == ORGA and room_id in rooms)


def obstacle(message: Message, place: Standing) -> str | None:
    """Why this message cannot have the effect of an organiser's command; None if it can."""
    if not place.leads:
        return ORGANISERS_ONLY
    if message.exposed:
        return SEALED_ONLY
    own = reading.unquoted(message.body) == reading.clean(message.body).strip()
    new = message.plain and own and not (message.replaces or message.answers or message.media)
    return None if new else NEW_ONLY
