"""What is deployed: the unit, the container, the wheel, and the words about them."""

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from bot.__main__ import main
from bot.setup.unit import Unit, system_wide, writable

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"


def options(verb: str) -> set[str]:
    """What can be said behind a verb."""
    command = main.get_command(None, verb)
    assert command is not None, verb
    return {name for parameter in command.params for name in parameter.opts}


def test_the_unit_is_the_one_that_setup_writes():
    assert (DEPLOY / "kursbot.service").read_text() == str(system_wide())


def test_a_unit_survives_strange_places():
    place = Path("/home") / "anna maria" / '100%"kurs'
    text = str(Unit("anna", place / "kursbot", place / "c.toml", place, writable(place / "data")))
    assert r'anna maria/100%%\"kurs/kursbot" run --config "' in text
    assert "\nProtectHome=read-only\n" in text


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_understands_the_units(tmp_path):
    units = [*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")]
    assert len(units) == 3
    for unit in units:
        text = unit.read_text().replace("/opt/kursbot/bin/kursbot", str(shutil.which("true")))
        (tmp_path / unit.name).write_text(text)
    files = [tmp_path / unit.name for unit in units]
    done = subprocess.run(["systemd-analyze", "verify", *files], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_units_call_what_there_is():
    text = "".join(unit.read_text() for unit in DEPLOY.glob("*.service"))
    calls = re.findall(r"/opt/kursbot/bin/kursbot ([a-z]+)([^'\n]*)", text)
    assert {verb for verb, _ in calls} == {"run", "backup", "restore"}
    for verb, rest in calls:
        assert {word for word in rest.split() if word[:2] == "--"} <= options(verb)


def test_the_container_takes_what_is_there_and_runs_as_nobody():
    lines = (DEPLOY / "Containerfile").read_text().replace("\\\n", " ").splitlines()
    copied = [line.split()[1:-1] for line in lines if line.startswith("COPY ") and "--" not in line]
    assert [name for names in copied for name in names if not (ROOT / name).exists()] == []
    assert {"bot", "commands", "schedules", "storage", "requirements.txt"} <= {*sum(copied, [])}
    assert [line.split()[1] for line in lines if line.startswith("FROM")] == [
        "python:3.13-slim"
    ] * 2
    assert "USER 10001:10001" in lines
    said = [re.findall(r'"([^"]+)"', line) for line in lines if line.startswith(("CMD", "HEALTH"))]
    calls = [words[1:] if words[0] == "kursbot" else words for words in said]
    assert [{w for w in rest if w[:2] == "--"} - options(verb) for verb, *rest in calls] == [
        set()
    ] * 2


def test_in_the_container_setup_may_write_to_the_course_file():
    """It enters the room of the organisers there, and only below /data can anything be written."""
    calls = re.findall(r"kursbot setup .*--course (\S+)", (DEPLOY / "README.md").read_text())
    assert [Path(name).is_absolute() for name in calls] == [False]


def test_a_crash_leaves_nothing_of_the_memory_behind(tmp_path):
    """Where systemd's watchdog ends a bot, for instance: what people said, the token, all keys."""
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    code = "from bot.__main__ import main; main(['run', '--help'], standalone_mode=False)"
    crash = f"{code}; import os; os.chdir({str(tmp_path)!r}); os.abort()"
    process = subprocess.Popen(
        [sys.executable, "-c", crash],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (most, most)),
    )
    _, status = os.waitpid(process.pid, 0)
    assert (os.WTERMSIG(status), os.WCOREDUMP(status)) == (signal.SIGABRT, False)
    assert [*tmp_path.iterdir()] == []


def test_the_composition_is_closed_and_names_no_registry():
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    bot = services["kursbot"]
    assert (DEPLOY / bot["build"]["context"] / bot["build"]["dockerfile"]).resolve().is_file()
    assert (bot["read_only"], bot["cap_drop"], "ports" in bot) == (True, ["ALL"], False)
    images = [service["image"] for service in services.values() if "image" in service]
    assert [image for image in images if "." in image.partition("/")[0]] == []
    assert all(p.startswith("127.0.0.1:") for s in services.values() for p in s.get("ports", []))


def test_the_wheel_installs_and_has_all_it_needs(tmp_path):
    """Into a fresh environment that sees our libraries, but not this checkout."""
    here = Path(sys.executable).parent
    build = [here / "hatchling", "build", "-t", "wheel", "-d", tmp_path]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {"bot/sample_course.toml", "bot/config.example.toml"} <= {*names}
    assert [name for name in names if name.startswith(("tests/", "data/"))] == []
    fresh = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", fresh], check=True)
    (site,) = fresh.glob("lib/*/site-packages")
    libraries = Path(yaml.__file__).parent.parent
    (site / "libraries.pth").write_text(f"{libraries}\n")
    pip = ["pip", "--python", fresh, "install", "--no-deps", "--no-index", "--quiet", wheel]
    subprocess.run([sys.executable, "-m", *pip], check=True, capture_output=True)
    code = "import bot, bot.config_file as f; print(bot.__file__, f.written({})[:1])"
    python, program = fresh / "bin" / "python", fresh / "bin" / "kursbot"
    done = subprocess.run([python, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == f"{site}/bot/__init__.py #\n", done.stderr
    said = subprocess.run([program, "--version"], cwd=tmp_path, capture_output=True, text=True)
    assert re.fullmatch(r"Kursbot \d+\.\d+\.\d+\n", said.stdout), said.stderr
