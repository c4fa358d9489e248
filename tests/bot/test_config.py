"""Settings from file and environment; everything that is wrong is said at once."""

from dataclasses import fields
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot import config
from bot.__main__ import main
from storage.engine import postgresql

EXAMPLE = Path("config.example.toml")


def test_the_example_is_complete_and_documented():
    settings = config.load(EXAMPLE)

    lines = EXAMPLE.read_text().splitlines()
    documented = {
        line.partition(" = ")[0]
        for before, line in zip(lines, lines[1:], strict=False)
        if " = " in line and before.startswith("#")
    }
    sections = [getattr(settings, section.name) for section in fields(settings)]
    assert documented == {setting.name for section in sections for setting in fields(section)}


def test_every_problem_is_named_at_once_with_what_is_expected(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(
        "farbe = 1\n[matrix]\nhomeserver = 'chat'\nuser_id = 'bot'\naccess_token = 's3cret'\n"
        "[log]\nlevel = 'laut'\n[limits]\nreplies_per_minute = 0\nbots = ['anderer']\n"
    )

    with pytest.raises(config.ConfigError) as caught:
        config.load(path)

    assert str(caught.value).splitlines()[1:] == [
        "  matrix.homeserver: erwartet wird eine Adresse wie https://chat.example.org",
        "  matrix.user_id: erwartet wird eine vollständige Kennung wie @kursbot:chat.example.org",
        "  log.level: erwartet wird 'DEBUG', 'INFO', 'WARNING' oder 'ERROR'",
        "  limits.replies_per_minute: erwartet wird eine Zahl, mindestens 1 und höchstens 1000",
        "  limits.bots: erwartet wird eine vollständige Kennung wie @kursbot:chat.example.org",
        "  farbe: diese Einstellung gibt es nicht",
    ]


def test_the_environment_wins_over_the_file(monkeypatch):
    monkeypatch.setenv("KURSBOT_MATRIX__ACCESS_TOKEN", "aus der Umgebung")
    monkeypatch.setenv("KURSBOT_LOG__LEVEL", "DEBUG")
    monkeypatch.setenv("KURSBOT_LIMITS__BOTS", "@echo:example.org @news:example.org")

    settings = config.load(EXAMPLE)

    assert settings.matrix.access_token == "aus der Umgebung"
    assert settings.log.level == "DEBUG"
    assert settings.limits.bots == {"@echo:example.org", "@news:example.org"}


def test_the_environment_is_enough(monkeypatch):
    monkeypatch.setenv("KURSBOT_MATRIX__HOMESERVER", "http://localhost:8008/")
    monkeypatch.setenv("KURSBOT_MATRIX__USER_ID", "@kursbot:localhost")
    monkeypatch.setenv("KURSBOT_MATRIX__PASSWORD", "geheim")

    assert config.load(None).matrix.homeserver == "http://localhost:8008"


def test_secrets_may_be_files_of_their_own(monkeypatch, tmp_path):
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "matrix.access_token").write_text("aus der Datei\n")
    (tmp_path / "database.url").write_text("sqlite:///anderswo.db\n")
    (tmp_path / "log.level").write_text("kein Geheimnis")

    settings = config.load(EXAMPLE)

    assert settings.matrix.access_token == "aus der Datei"
    assert settings.database_url == "sqlite:///anderswo.db"
    assert settings.log.level == "INFO"
    monkeypatch.setenv("KURSBOT_MATRIX__ACCESS_TOKEN", "aus der Umgebung")
    assert config.load(EXAMPLE).matrix.access_token == "aus der Umgebung"
    (tmp_path / "matrix.password").mkdir()
    with pytest.raises(config.ConfigError, match="matrix.password: nicht lesbar"):
        config.load(EXAMPLE)


@pytest.mark.parametrize("content", ["[matrix", "\x00", "matrix = 3"])
def test_a_broken_file_ends_with_a_sentence_and_code_2(tmp_path, content):
    path = tmp_path / "config.toml"
    path.write_text(content)

    result = CliRunner().invoke(main, ["run", "--config", str(path)])

    assert result.exit_code == 2
    assert str(path) in result.stderr
    assert "Traceback" not in result.stderr


def test_a_missing_file_ends_with_code_2(tmp_path):
    result = CliRunner().invoke(main, ["run", "--config", str(tmp_path / "nirgends.toml")])

    assert (result.exit_code, "Diese Datei gibt es nicht." in result.stderr) == (2, True)


def test_no_secret_shows_in_the_settings():
    settings = config.load(EXAMPLE)

    assert "Zugriffstoken eintragen" not in repr(settings)


def test_on_a_server_the_database_is_that_of_the_account(monkeypatch):
    monkeypatch.setenv(
        "KURSBOT_DATABASE__URL", "postgresql://bot:geheim@rechner/kurse?sslmode=require"
    )
    url = config.load(EXAMPLE).database_url
    assert url == (
        "postgresql+psycopg://bot:geheim@rechner/kurse?sslmode=require"
        "&account=%40kursbot%3Achat.example.org"
    )
    name, address, arguments = postgresql.place(url)
    assert (name, address.query) == ("kursbot:chat.example.org", {"sslmode": "require"})
    assert arguments["options"].startswith('-c search_path="kursbot:chat.example.org" ')


def test_another_database_is_refused_without_saying_its_password(monkeypatch):
    monkeypatch.setenv("KURSBOT_DATABASE__URL", "mysql://bot:geheim@rechner/kurse")
    with pytest.raises(config.ConfigError, match=r"database\.url: erwartet wird nichts") as caught:
        config.load(EXAMPLE)
    assert "geheim" not in str(caught.value)


def test_a_database_that_cannot_be_reached_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("KURSBOT_DATA__FOLDER", str(tmp_path))
    monkeypatch.setenv("KURSBOT_DATABASE__URL", f"postgresql://bot:geheim@/kurse?host={tmp_path}")
    for verb in (["run"], ["import", "bot/sample_course.toml"]):
        done = CliRunner().invoke(main, [*verb, "--config", str(EXAMPLE)])
        assert done.exit_code == 1
        assert "connection" in done.output
        assert "geheim" not in done.output
        assert "Traceback" not in done.output
