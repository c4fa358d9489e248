"""The demo does what it shows, says what is missing, and leaves nothing behind."""

import subprocess
import sys
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.demo.check import PRIVACY, privacy, verdict
from bot.demo.course import SAMPLE
from bot.demo.keyboard import addressed
from bot.demo.process import BotError, BotProcess
from bot.demo.screen import Screen
from bot.demo.stage import INFO, ORGA, TALK, Stage
from bot.demo.story import CONVERSATION, POLL_START, REMINDER, STEPS, TO_ALL, TO_ORGA, Step
from bot.homeserver import Homeserver
from bot.participant import Event

ROOT = Path(__file__).resolve().parents[2]
NAMES = [*(step.what for step in STEPS), PRIVACY]
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    course = tomllib.loads(SAMPLE.read_text(encoding="utf-8"))
    rooms = {kind: f"!{kind}" for kind in (INFO, TALK, ORGA, "tn02", "tn04")}
    return Stage(Homeserver(tmp_path, "chat.example.org"), course, rooms=rooms)


def event(step: Step, second: int = 0, **content: object) -> Event:
    """What fulfils the step, unless its content is changed."""
    whole = {"msgtype": step.kind, "body": "\n".join(step.facts), "m.mentions": {}} | content
    return said(step.room, step.sender, second, whole)


def said(
    room: str, account: str, second: int, content: dict, kind: str = "m.room.message"
) -> Event:
    moment = datetime(2026, 11, 23, 9, 0, second, tzinfo=UTC)
    return Event(f"!{room}", "$id", kind, f"@{account}:chat.example.org", content, None, moment)


def asked(step: Step) -> Event:
    return said(step.room, step.asker, 0, {"msgtype": "m.text", "body": step.typed})


def test_an_answer_counts_when_it_comes_after_its_question(stage: Stage) -> None:
    step = CONVERSATION[1]
    for events, expected in (
        ([asked(step), event(step)], "ok"),
        ([asked(step), event(step), event(step)], "ok"),
        ([event(step), asked(step)], "fehlt"),
        ([event(step)], "fehlt"),
        ([asked(step), event(step, msgtype="m.text")], "fehlt"),
        ([asked(step), event(step, body=step.facts[0])], "fehlt"),
        ([asked(step), event(step, **{"m.mentions": {"room": True}})], "fehlt"),
    ):
        assert verdict(stage, step, {step.room: events}) == expected


def test_the_clock_strikes_once_and_organisers_hear_the_result_first(stage: Stage) -> None:
    assert verdict(stage, REMINDER, {INFO: []}) == "fehlt"
    assert verdict(stage, REMINDER, {INFO: [event(REMINDER)]}) == "ok"
    assert verdict(stage, REMINDER, {INFO: 2 * [event(REMINDER)]}) == "doppelt"
    for second, expected in ((0, "zu früh"), (1, "ok"), (2, "ok")):
        timelines = {ORGA: [event(TO_ORGA, 1)], INFO: [event(TO_ALL, second)]}
        assert verdict(stage, TO_ALL, timelines) == expected


def test_everything_that_the_bot_writes_is_encrypted_and_readable(stage: Stage) -> None:
    sealed = replace(event(REMINDER), encrypted=True)
    secret = replace(sealed, type="m.room.encrypted", content={"ciphertext": "…"})
    joined = said(INFO, "kursbot", 0, {"membership": "join"}, "m.room.member")
    beside = [
        replace(joined, state_key=""),
        said(INFO, "kursbot", 1, {}, "m.reaction"),
        said(TALK, "tn01", 2, {"body": "Hallo!"}),
        replace(secret, sender="@tn01:chat.example.org"),
        replace(secret, content={}),  # deleted
    ]
    for events, expected in (
        ([], "fehlt"),
        (beside[:-1], "fehlt"),
        ([sealed, *beside], "ok"),
        ([sealed, secret, *beside], "unlesbar"),
        ([sealed, event(REMINDER), *beside], "offen"),
    ):
        assert privacy(stage, events) == expected


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("!link\n", ("tn01", "tn01", "!link")),
        ("#austausch !programm\n", ("tn01", "austausch", "!programm")),
        ("#Orga  !hilfe \n", ("leitung-ihk", "orga", "!hilfe")),
        ("#info\n", ("leitung-ihk", "info", "")),
        ("#hallo an alle\n", ("tn01", "tn01", "#hallo an alle")),
        ("\n", ("tn01", "tn01", "")),
    ],
)
def test_a_typed_line_goes_to_the_bot_or_into_the_named_room(
    line: str, meaning: tuple[str, str, str]
) -> None:
    assert addressed(line, "leitung-ihk") == meaning


def test_the_conversation_reads_like_a_chat(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    screen = Screen(lambda: 9.6)
    notice, text = (
        {"msgtype": "m.notice", "body": "Eins\nZwei"},
        {"msgtype": "m.text", "body": "Los"},
    )
    for seen in (
        said("tn02", "tn02", 1, {"msgtype": "m.text", "body": "!hilfe"}),
        said("tn02", "kursbot", 2, notice),
        said(INFO, "kursbot", 3, text),
        said(ORGA, "kursbot", 4, notice),
        said(TALK, "kursbot", 5, {"body": "Welches?\n1 – Recht"}, POLL_START),
        said(TALK, "tn01", 6, {}, "org.matrix.msc3381.poll.response"),
        said(TALK, "tn01", 7, {"membership": "join"}, "m.room.member"),
    ):
        screen.event(stage, BERLIN, seen)
    assert capsys.readouterr().out == (
        "10:00:01  Direktchat · Koordination Heidewinkel an Kursbot\n"
        "          !hilfe\n"
        "10:00:02  Direktchat · Kursbot an Koordination Heidewinkel\n"
        "          Eins\n"
        "          Zwei\n"
        "[ 10 s] Das war die erste Antwort.\n"
        "10:00:03  ⏰ Ankündigungen (Info) · Kursbot\n"
        "          Los\n"
        "10:00:04  ⏰ Orga · Kursbot\n"
        "          Eins\n"
        "          Zwei\n"
        "10:00:05  ⏰ Austausch · Kursbot\n"
        "          (Umfrage zum Anklicken)\n"
        "          Welches?\n"
        "          1 – Recht\n"
        "10:00:06  Austausch · Koordination Wattkante\n"
        "          (stimmt in der Umfrage ab)\n"
    )


async def test_a_broken_course_is_said_with_the_mistakes(tmp_path: Path) -> None:
    bot = BotProcess(tmp_path / "bot")
    bot.configure("http://127.0.0.1:9", "@kursbot:chat.example.org", "geheim")
    with pytest.raises(BotError, match="^Der Kurs ließ sich nicht einlesen.\n(.|\n)*kurs.toml"):
        await bot.read("[kurs]\n")


@pytest.mark.long
def test_everything_is_seen_on_a_real_homeserver() -> None:
    command = [sys.executable, "-m", "bot", "demo", "--check"]
    finished = subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120
    )
    steps = finished.stdout.partition("Vom Server zurückgelesen:\n")[2].splitlines()
    assert steps == [f"  ok      {name}" for name in NAMES], finished.stdout + finished.stderr
    assert (finished.returncode, finished.stderr) == (0, "")
