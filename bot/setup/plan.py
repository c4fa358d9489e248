"""What the operator wants, asked one by one, each answer tried before the next question."""

from asyncio import Runner
from dataclasses import dataclass
from pathlib import Path

import click

from bot import importing
from bot.demo.course import SAMPLE
from bot.matrix.device import FOLDER
from bot.matrix.identity import FILE as IDENTITY
from bot.matrix.machine import FILE as STORE
from bot.setup import probes
from bot.setup.dialogue import Dialogue, Mistake
from bot.setup.probes import Account
from bot.tables import changed
from storage.course_files.course_file import CourseFile, Faulty

ROOMS = {"ankuendigungen": "Ankündigungen", "austausch": "Austausch", "orga": "Orga"}
TAKEN = (
    "Das Gerät zu diesem Token hat schon Schlüssel, zum Beispiel von Element: ein Token aus einer "
    "Anmeldung nur für den Bot nehmen, oder das Passwort."
)
LATER = "später"
"""The answer of who cannot let the bot into the room now."""


@dataclass(frozen=True)
class Course:
    """A course file without mistakes; `fresh` is its text where it has to be changed."""

    path: Path
    file: CourseFile
    fresh: str = ""

    @property
    def rooms(self) -> dict[str, str]:
        """The addresses of its rooms."""
        return {kind: str(getattr(self.file.raeume, kind)) for kind in ROOMS}


def account(dialogue: Dialogue, runner: Runner, data: Path) -> Account:
    """The bot's account on its homeserver, signed in on a device that can be the bot's."""
    address = dialogue.answer(
        "homeserver",
        "Homeserver (Name oder Adresse)",
        lambda text: runner.run(probes.homeserver(text)),
    )
    click.echo(f"  {address} antwortet.")
    user = ""
    while True:
        user = dialogue.answer("user", "Konto des Bots", _named, default=user)
        hint = "Zugriffstoken oder Passwort (wird nicht angezeigt)"
        secret = dialogue.answer("token-file", hint, _filled, hidden=True)
        try:
            found = runner.run(probes.account(address, user, secret))
            if not (data / FOLDER / STORE).exists() and runner.run(probes.keys(found))[1]:
                raise Mistake(TAKEN)
        except Mistake as mistake:
            dialogue.wrong("token-file", mistake)
            continue
        click.echo(f"  Angemeldet als {found.matrix.user_id}.")
        return found


def recovery_key(dialogue: Dialogue, runner: Runner, found: Account, data: Path) -> str:
    """What opens the keys that the account has already; empty where that is not needed."""
    if (data / FOLDER / IDENTITY).exists() or not runner.run(probes.keys(found))[0]:
        return ""
    click.echo("  Das Konto hat schon Schlüssel: Jemand war damit in einem Matrix-Client.")
    hint = "Wiederherstellungsschlüssel des Kontos (wird nicht angezeigt)"
    return dialogue.answer(
        "recovery-key-file", hint, lambda key: runner.run(probes.opens(found, key)), hidden=True
    )


def course(dialogue: Dialogue) -> Course:
    """The course to begin with."""
    read = dialogue.answer("course", f"Kursdatei (Vorlage: {SAMPLE})", _course)
    click.echo(f"  „{read.file.kurs.titel}“ ist ohne Fehler.")
    return read


def orga(dialogue: Dialogue, runner: Runner, found: Account, read: Course) -> Course:
    """The course with an Orga room that the bot has come into."""

    def entered(address: str) -> Course:
        if address.lower() == LATER:
            return read
        course = _with_orga(read, address)
        if not runner.run(probes.enter(found, {"orga": address})):
            raise Mistake(
                f"{found.matrix.user_id} darf nicht in {address}: Gibt es den Raum, und ist der "
                f"Bot eingeladen? Danach Enter, oder „{LATER}“."
            )
        click.echo(f"  Der Bot ist in {address}.")
        return course

    question = "Raum der Lehrgangsleitung (Orga)"
    return dialogue.answer("orga", question, entered, default=read.file.raeume.orga)


def _named(text: str) -> str:
    if not text.strip("@:") or any(c.isspace() for c in text):
        raise Mistake("Gesucht ist eine Kennung wie @kursbot:chat.example.org.")
    return text


def _filled(text: str) -> str:
    if not text:
        raise Mistake("Ohne Token oder Passwort geht es nicht.")
    return text


def _course(text: str) -> Course:
    path = Path(text).expanduser()
    try:
        return Course(path.resolve(), importing.read(path))
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        raise Mistake(f"{path} {'gibt es nicht' if missing else 'ist nicht lesbar'}.") from None
    except Faulty as error:
        raise Mistake(f"{path} hat {importing.mistakes(error)}") from None


def _with_orga(found: Course, address: str) -> Course:
    """The course with this room; its file has to name it, too."""
    if address == found.file.raeume.orga:
        return found
    if not address.startswith(("#", "!")) or any(c.isspace() for c in address):
        raise Mistake("Gesucht ist eine Raumadresse wie #orga:chat.example.org.")
    text = found.path.read_text(encoding="utf-8-sig")
    fresh = changed(text, {"raeume": {"orga": address}})
    try:
        file = importing.understood(fresh.encode())
    except Faulty as error:
        raise Mistake(f"Damit hätte die Kursdatei {importing.mistakes(error)}") from None
    if file.raeume.orga != address:
        raise Mistake(f"Bitte in {found.path} unter [raeume] bei orga eintragen.")
    return Course(found.path, file, fresh)
