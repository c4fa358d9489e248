"""What the bot writes is for nobody else: files whole and closed, old ones closed at the start."""

import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot import config, private
from bot.__main__ import main


def modes(folder: Path) -> dict[str, str]:
    """Name and mode of everything in the folder, links aside."""
    found = [path for path in folder.rglob("*") if not path.is_symlink()]
    return {str(path.relative_to(folder)): oct(stat.S_IMODE(path.stat().st_mode)) for path in found}


def test_everything_in_the_folder_is_closed_and_links_are_left_alone(tmp_path):
    outside = tmp_path / "outside"
    outside.write_text("not the bot's")
    outside.chmod(0o644)
    data = tmp_path / "data"
    (data / "keys").mkdir(parents=True)
    for name in ("kursbot.db", "keys/store.db", "keys/locked", "keys/tool"):
        (data / name).touch()
    (data / "keys/locked").chmod(0o000)
    (data / "keys/tool").chmod(0o755)
    (data / "link").symlink_to(outside)
    (data / "nowhere").symlink_to(tmp_path / "gone")
    for folder in (data / "keys", data):
        folder.chmod(0o755)

    private.repair(data)

    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert modes(data) == {
        "keys": "0o700",
        "kursbot.db": "0o600",
        "keys/store.db": "0o600",
        "keys/locked": "0o600",
        "keys/tool": "0o700",
    }
    assert stat.S_IMODE(outside.stat().st_mode) == 0o644


def test_a_missing_folder_is_made(tmp_path):
    private.repair(tmp_path / "a" / "data")
    assert stat.S_IMODE((tmp_path / "a" / "data").stat().st_mode) == 0o700


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "data").touch()
    with pytest.raises(private.NotOurs, match=r"data ist kein Ordner: data\.folder"):
        private.repair(tmp_path / "data")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("name", [".", "kursbot.db"])
def test_what_belongs_to_others_is_named(tmp_path, name):
    (tmp_path / "kursbot.db").touch()
    os.chown(tmp_path / name, 4321, 4321)
    with pytest.raises(private.NotOurs, match="gehört einem anderen Konto dieses Rechners"):
        private.repair(tmp_path)


def test_a_file_is_replaced_whole_and_closed(tmp_path):
    path = tmp_path / "session.json"
    path.write_text("old")
    path.chmod(0o644)
    (tmp_path / "session.json.new").write_text("left by a crash")

    private.write(path, "neu: ü")

    assert path.read_text(encoding="utf-8") == "neu: ü"
    assert modes(tmp_path) == {"session.json": "0o600"}


def test_the_old_file_stays_when_the_new_one_cannot_be_written(tmp_path):
    path = tmp_path / "session.json"
    path.write_text("old")
    (tmp_path / "session.json.new").mkdir()

    with pytest.raises(OSError, match=r"session\.json\.new"):
        private.write(path, "new")

    assert path.read_text() == "old"


@pytest.mark.parametrize(
    ("content", "secret"),
    [
        ("access_token = 'syt'", True),
        ("password = 'geheim'", True),
        ("password = ''\ndevice_id = 'ABC'", False),
        ("password = ''\n[database]\nurl = 'postgresql://kursbot:geheim@localhost'", True),
        ("password = ''\n[sync]\nwindow = 5", False),
    ],
)
def test_a_file_with_a_secret_is_known(tmp_path, content, secret):
    path = tmp_path / "config.toml"
    path.write_text(f"[matrix]\n{content}")
    assert config.holds_secret(path) is secret


@pytest.mark.parametrize(("mode", "warned"), [(0o644, 1), (0o640, 0), (0o600, 0)])
def test_readable_settings_are_warned_about_in_one_line_and_left_alone(
    tmp_path, caplog, mode, warned
):
    (tmp_path / "data").touch()  # ends the bot before it talks to a server
    path = tmp_path / "config.toml"
    path.write_text(
        "[matrix]\nhomeserver = 'http://127.0.0.1:9'\nuser_id = '@bot:localhost'\n"
        f"password = 'geheim'\n[data]\nfolder = '{tmp_path / 'data'}'"
    )
    path.chmod(mode)

    result = CliRunner().invoke(main, ["run", "--config", str(path)])

    said = [record.getMessage() for record in caplog.records]
    expected = f"{path} enthält Geheimnisse, und alle können sie lesen: chmod 600 {path}"
    assert said == [expected] * warned
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert (result.exit_code, result.stderr) == (
        2,
        f"{tmp_path / 'data'} ist kein Ordner: data.folder in den Einstellungen ändern.\n",
    )
