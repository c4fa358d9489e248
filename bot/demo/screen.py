"""What the demo shows: progress with seconds, the conversation like a chat, and how to join it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from textwrap import wrap
from zoneinfo import ZoneInfo

import click

from bot.demo.stage import BOT, TITLES, Stage
from bot.demo.story import POLL_END, POLL_START
from bot.participant import POLL_RESPONSE, Event

MARGIN, WIDTH = 10 * " ", 80
SHOWN = ("m.room.message", "m.reaction", POLL_START, POLL_RESPONSE, POLL_END)
INVITATION = """
Alles bleibt an, bis Strg-C kommt. Mitmachen geht auf zwei Wegen:

1) Hier tippen, als {me}: jede Zeile geht direkt an den Kursbot.
   Zum Beispiel: !hilfe, wann ist das nächste Webinar?, !netzwerk Wattkante
   In den Raum Austausch:  #austausch !programm
   Als Leitung in Orga:    #orga !hilfe

2) Mit Element oder einem anderen Programm für Matrix auf diesem Rechner:
   Adresse   {address}  (beim Anmelden als Heimserver eintragen)
   Konto     tn01 bis tn16, oder für die Leitung: {leaders}
   Passwort  {password}
   Räume     {rooms} und ein Direktchat mit dem Kursbot
   Tippen    !hilfe zeigt alles; im Direktchat geht es auch ohne Ausrufezeichen

Alle Räume und Direktchats sind verschlüsselt. Ein Programm, das sich jetzt erst anmeldet, zeigt
nur, was ab dann geschrieben wird: Alles davor bleibt dort unlesbar, auch für dasselbe Konto.
Rote Schilde stehen dort neben den vorgeführten Personen, weil niemand deren Geräte bestätigt hat;
neben dem Kursbot steht keines.
"""


@dataclass
class Screen:
    """Prints line by line; `clock` gives the seconds since the start."""

    clock: Callable[[], float]
    answered: bool = False
    asked: set[str] = field(default_factory=set)

    def progress(self, text: str) -> None:
        """How far things are."""
        click.echo(f"[{self.clock():3.0f} s] {text}")

    def event(self, stage: Stage, zone: ZoneInfo, event: Event) -> None:
        """A message as people see it: when, where, who, what; `⏰` where nobody had asked."""
        if event.type not in SHOWN:
            return
        by_bot = event.sender == stage.homeserver.user_id(BOT)
        reply = event.room in self.asked and event.content.get("msgtype") == "m.notice"
        bell = "⏰ " if by_bot and not reply else ""
        moment = f"{event.sent_at.astimezone(zone):%H:%M:%S}"
        click.echo(f"{moment}  {bell}{whom(stage, event)}\n{folded(said(event))}")
        if by_bot and not self.answered:
            self.progress("Das war die erste Antwort.")
        self.answered |= by_bot
        (self.asked.discard if by_bot else self.asked.add)(event.room)

    def verdicts(self, found: dict[str, str]) -> None:
        """What was read back from the server, step by step."""
        click.echo("\nVom Server zurückgelesen:")
        for what, verdict in found.items():
            click.echo(f"  {verdict:7} {what}")

    def invitation(self, stage: Stage, me: str) -> None:
        """How to join."""
        click.echo(
            INVITATION.format(
                me=stage.names[me],
                address=stage.homeserver.base_url,
                leaders=", ".join(stage.leaders),
                password=stage.password,
                rooms=", ".join(TITLES.values()),
            )
        )


def whom(stage: Stage, event: Event) -> str:
    """Where it was said and by whom, in a direct chat also to whom."""
    kind, name = stage.kind(event.room), stage.name(event.sender)
    if kind in TITLES:
        return f"{TITLES[kind]} · {name}"
    other = stage.names[kind] if name == stage.names[BOT] else stage.names[BOT]
    return f"Direktchat · {name} an {other}"


def said(event: Event) -> str:
    """What was said, in words also where it was a click."""
    content = event.content
    if event.type == POLL_START:
        return f"(Umfrage zum Anklicken)\n{event.body}"
    if event.type == POLL_RESPONSE:
        return "(stimmt in der Umfrage ab)"
    if event.type == "m.reaction":
        return str(content.get("m.relates_to", {}).get("key", ""))
    return event.body


def folded(text: str) -> str:
    """The lines of a text, moved in; addresses are never broken."""
    return "\n".join(
        part
        for line in text.splitlines()
        for part in wrap(
            line,
            WIDTH,
            initial_indent=MARGIN,
            subsequent_indent=MARGIN,
            break_long_words=False,
            break_on_hyphens=False,
        )
    )
