"""The promises that the README makes about the code."""

import re
from pathlib import Path

import pytest

import commands
import schedules

ROOT = Path(__file__).parent.parent
COMMANDS, SCHEDULES = commands.discover(), schedules.discover()


@pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda c: c.name)
def test_a_command_lives_in_the_file_of_its_name(command):
    assert command.run.__module__ == f"commands.{command.name}"


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=lambda s: s.name)
def test_a_schedule_lives_in_the_file_of_its_name(schedule):
    assert schedule.run.__module__ == f"schedules.{schedule.name}"


def test_every_file_holds_exactly_one():
    for package, found in (("commands", COMMANDS), ("schedules", SCHEDULES)):
        files = {path.stem for path in (ROOT / package).glob("*.py")} - {"__init__"}
        assert files == set(found)


def test_the_readme_lists_every_command_with_its_help():
    rows = dict(re.findall(r"^\| `!(\w+)` \| (.+) \|$", (ROOT / "README.md").read_text(), re.M))
    assert rows == {name: command.help for name, command in COMMANDS.items()}


def test_the_readme_lists_every_schedule():
    rows = re.findall(r"^\| `(\w+)` \| .+ \|$", (ROOT / "README.md").read_text(), re.M)
    assert sorted(rows) == sorted(SCHEDULES)


def test_the_top_level_is_what_it_should_be():
    allowed = {
        *("bot", "commands", "schedules", "storage", "tests", "deploy"),
        *("pyproject.toml", "config.example.toml", "README.md", "Makefile", "LICENSE"),
        *("CHANGELOG.md", "SECURITY.md"),
        *("requirements.txt", "requirements-dev.txt", "requirements-postgresql.txt"),
    }
    ours = {p.name for p in ROOT.iterdir() if not p.name.startswith(".")}
    assert allowed <= ours
    assert ours - allowed <= {"data", "config.toml", "dist"}


def test_only_the_app_asks_the_clock():
    asking = re.compile(r"\b(?:datetime\.now|date\.today|time\.time)\(")
    files = [
        p for d in ("bot", "commands", "schedules", "storage") for p in (ROOT / d).rglob("*.py")
    ]
    found = {str(path.relative_to(ROOT)) for path in files if asking.search(path.read_text())}
    assert found <= {"bot/app.py"}


def test_no_file_names_a_machine_or_a_registry():
    forbidden = re.compile("pypi" + r"\.org|/(?:home|root|work)" + r"/\w")
    files = [p for p in ROOT.rglob("*") if p.suffix in {".py", ".toml", ".md", ".txt", ".service"}]
    ours = [
        p for p in files if ".venv" not in p.parts and not any(x.startswith(".") for x in p.parts)
    ]
    assert [str(p) for p in ours if forbidden.search(p.read_text())] == []
