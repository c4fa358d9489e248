"""What a backup has in it and what not, and every way in which it can be of no use."""

import asyncio
import json
import stat
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from bot.__main__ import main
from bot.backup import archive
from bot.config import load
from bot.journal import Journal
from bot.matrix.identity import Identity
from storage import database, erasures
from storage.models import Person
from tests import databases

pytestmark = pytest.mark.skipif(
    databases.POSTGRESQL, reason="about files; tests/storage/test_copies.py is about servers"
)

BOT, SECRETS = "@kursbot:chat.example.org", ("t0ken", "passw0rt", "w1ederherstellung")
CONFIG = """\
[matrix]
homeserver = "https://chat.example.org"
user_id = "{bot}"
device_id = "ALT"
access_token = "{0}"
password = "{1}"
recovery_key = "{2}"
[data]
folder = "{folder}"
[log]
level = "DEBUG"
"""


async def kursbot(*arguments: object) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, main, [str(a) for a in arguments])


def configure(folder: Path) -> Path:
    config = folder / "config.toml"
    config.parent.mkdir(exist_ok=True)
    config.write_text(CONFIG.format(*SECRETS, bot=BOT, folder=folder / "data"))
    return config


@pytest.fixture
async def living(chat, tmp_path):
    """The settings of a bot with a course and keys, whose database is open."""
    await chat.loads()
    config = configure(tmp_path / "alt")
    keys = tmp_path / "alt" / "data" / "keys"
    keys.mkdir(parents=True)
    for file in tmp_path.glob("kursbot.db*"):
        (keys.parent / file.name).symlink_to(file)
    Identity.made(BOT).keep(keys)
    (keys / "olm.db").write_text("KANARIENVOGEL")
    (keys.parent / "session.json").write_text('{"access_token": "KANARIENVOGEL"}')
    return config


@pytest.fixture
async def backup(living, tmp_path):
    file = tmp_path / "sicherung.zip"
    done = await kursbot("backup", file, "--config", living)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "1 Kurs, 16 Personen, 0 Stimmen, " in done.stdout
    return file


async def test_it_holds_what_outlives_the_machine_and_no_secret(backup, living, tmp_path):
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    with zipfile.ZipFile(backup) as packed:
        content = {name: packed.read(name) for name in packed.namelist()}
    assert {*content} == {archive.MANIFEST, *archive.CONTENTS}
    everything = b"".join(content.values())
    assert [secret for secret in (*SECRETS, "KANARIENVOGEL") if secret.encode() in everything] == []
    kept = living.parent / "data" / "keys" / archive.IDENTITY
    assert content[archive.IDENTITY] == kept.read_bytes()
    settings = tmp_path / "settings.toml"
    settings.write_bytes(content[archive.SETTINGS])
    found = load(settings, speaks=False)
    assert (found.matrix.user_id, found.log.level, found.matrix.device_id) == (BOT, "DEBUG", "")
    assert [*tmp_path.glob(".kursbot-*")] == []
    done = await kursbot("restore", backup, "--check")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("In Ordnung: Sicherung vom ")
    assert done.stdout.endswith("Die Probe-Rücksicherung ist gelungen.\n")
    assert "1 Kurs, 16 Personen, 0 Stimmen, " in done.stdout


def broken(file: Path, way: str) -> None:
    """Damage a backup."""
    if way == "cut":
        file.write_bytes(file.read_bytes()[:-200])
    elif way == "flipped":
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
    elif way == "text":
        file.write_text("Kein Zip")
    else:
        with zipfile.ZipFile(file) as packed:
            content = {name: packed.read(name) for name in packed.namelist()}
        manifest = json.loads(content[archive.MANIFEST])
        if way == "rows":
            manifest["tables"]["people"] += 1
        else:
            manifest["files"][way] = "0" * 64
        with zipfile.ZipFile(file, "w") as packed:
            for name, data in (content | {archive.MANIFEST: json.dumps(manifest)}).items():
                packed.writestr(name, data)


async def test_a_damaged_one_changes_nothing(backup, tmp_path):
    config, good = configure(tmp_path / "neu"), backup.read_bytes()
    for way in ("cut", "flipped", "text", "rows", "config.toml", "../../fremd"):
        backup.write_bytes(good)
        broken(backup, way)
        for more in (["--check"], ["--config", config]):
            done = await kursbot("restore", backup, *more)
            assert (done.exit_code, done.stdout) == (1, ""), (way, done.stderr)
            assert done.stderr.endswith("Nichts wurde geändert.\n")
            assert len(done.stderr.splitlines()) == 1
    assert [p.name for p in config.parent.iterdir()] == ["config.toml"]


async def test_it_is_restored_where_there_is_no_bot_and_only_there(
    backup, living, tmp_path, monkeypatch
):
    alive = await kursbot("restore", backup, "--config", living)
    assert (alive.exit_code, alive.stderr.startswith("In ")) == (1, True)
    assert "liegt schon ein Kursbot (kursbot.db). Nichts wurde geändert." in alive.stderr
    config = configure(tmp_path / "neu")
    done = await kursbot("restore", backup, "--config", config)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "Achtung: Wer nach der Sicherung gelöscht wurde, ist wieder da." in done.stdout
    data = config.parent / "data"
    assert {p.name for p in data.iterdir()} == {"kursbot.db", "keys", "lock"}
    assert [p.name for p in (data / "keys").iterdir()] == [archive.IDENTITY]
    again = await kursbot("restore", backup, "--config", config)
    assert again.exit_code == 1
    foreign = configure(tmp_path / "voll")
    (tmp_path / "voll" / "data").mkdir()
    photo = tmp_path / "voll" / "data" / "urlaub.jpg"
    photo.write_text("Meer")
    photo.chmod(0o644)
    refused = await kursbot("restore", backup, "--config", foreign)
    assert (refused.exit_code, "(urlaub.jpg): einen eigenen" in refused.stderr) == (1, True)
    assert stat.S_IMODE(photo.stat().st_mode) == 0o644
    other = configure(tmp_path / "fremd")
    other.write_text(other.read_text().replace(BOT, "@anders:chat.example.org"))
    wrong = await kursbot("restore", backup, "--config", other)
    assert (wrong.exit_code, wrong.stderr.startswith("Die Sicherung gehört zu ")) == (2, True)
    # Without settings they come from the backup.
    monkeypatch.setenv("KURSBOT_DATA__FOLDER", str(tmp_path / "drei"))
    config = tmp_path / "neu.toml"
    done = await kursbot("restore", backup, "--config", config)
    assert (done.exit_code, done.stderr) == (0, "")
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert load(config, speaks=False).log.level == "DEBUG"
    assert (tmp_path / "drei" / "kursbot.db").exists()


async def test_nothing_else_is_overwritten_by_a_backup(living, tmp_path):
    before = living.read_text()
    done = await kursbot("backup", living, "--config", living)
    assert (done.exit_code, living.read_text()) == (1, before)
    nowhere = await kursbot("backup", tmp_path / "fehlt" / "s.zip", "--config", living)
    assert nowhere.exit_code == 1
    assert nowhere.stderr.endswith("s.zip ist nicht zu schreiben: No such file or directory.\n")
    empty = await kursbot("backup", tmp_path / "s.zip", "--config", configure(tmp_path / "leer"))
    assert empty.stderr.startswith("Es gibt noch nichts zu sichern: ")


async def test_who_was_erased_since_stays_erased(chat, backup, living, tmp_path):
    async with chat.sessions.begin() as db:
        person = await db.scalar(select(Person).where(Person.key == "tn03"))
        await erasures.erase_all(db, chat.course, person, chat.now)
    path = tmp_path / "erasures.jsonl"
    journal = Journal(path, chat.sessions)
    await journal.open()
    await journal.keep()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    checked = await kursbot("restore", backup, "--check", "--journal", path)
    assert checked.stdout.endswith("gelungen, 1 Löschung nachgeholt.\n")
    config = configure(tmp_path / "neu")
    done = await kursbot("restore", backup, "--config", config, "--journal", path)
    assert (done.exit_code, "Achtung" in done.stdout) == (0, False)
    assert await keys_of_people(load(config)) == {f"tn{n:02}" for n in range(1, 17)} - {"tn03"}

    # The bot itself does the same when it starts and finds the journal.
    config = load(configure(tmp_path / "drei"))
    before = path.read_text()
    done = await kursbot("restore", backup, "--config", tmp_path / "drei" / "config.toml")
    assert (done.exit_code, "Achtung" in done.stdout) == (0, True)
    async with database.opened(config.database_url) as sessions:
        journal = Journal(path, sessions)
        await journal.open()
        await journal.keep()
    assert path.read_text() == before
    assert "tn03" not in await keys_of_people(config)
    path.write_text("kaputt")
    damaged = Journal(path, chat.sessions)
    await damaged.open()
    await damaged.keep()
    assert path.read_text() == "kaputt"


async def keys_of_people(config) -> set[str]:
    async with database.opened(config.database_url) as sessions, sessions() as db:
        return {*await db.scalars(select(Person.key))}
