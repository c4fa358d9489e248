"""No line of the log tells what somebody wrote, and none a secret, whatever goes wrong."""

import asyncio
import io
import json
import logging
import re
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import text

import schedules
from bot import logs, striking
from bot.config import Log
from storage import database
from tests.conftest import Chat

CANARY = "Kanarienvogel"
TOKEN, PASSWORD = "mein-token-7", "mein passwort"


@contextmanager
def written(format="text", secrets=(TOKEN, PASSWORD)):
    """Everything that all loggers of this process say, as operators would read it."""
    out, root = io.StringIO(), logging.getLogger()
    handler = logs.handler(Log(format=format), secrets, out)
    before = {logger: logger.level for logger in (root, logging.getLogger("sqlalchemy"))}
    root.addHandler(handler)
    try:
        for logger in before:
            logger.setLevel(logging.DEBUG)
        yield out
    finally:
        root.removeHandler(handler)
        for logger, level in before.items():
            logger.setLevel(level)


async def conversation(chat):
    """People with telling names say telling things; then everything breaks."""
    await chat.loads()
    for body in (f"!suche {CANARY}", f"!biete {CANARY}", CANARY, f"!orga {CANARY}?", f"!{CANARY}"):
        chat.at(f"2026-11-24 15:{len(chat.said):02}")
        await chat.says(body)
    await chat.says(f"!ansage {CANARY}", by="leitung-ihk", place="orga")
    await chat.hears(replace(chat.message("!hilfe"), body=None, sender=f"@{CANARY}:x"))

    async def broken(ctx):
        raise RuntimeError(CANARY) from ValueError(CANARY)

    known = {name: replace(one, run=broken) for name, one in schedules.discover().items()}
    await striking.strike(chat.sessions, known, chat.now.replace(day=25))
    async with chat.sessions.begin() as db:
        await db.execute(
            text("CREATE TRIGGER t BEFORE INSERT ON entries BEGIN SELECT raise(abort, 'no'); END")
        )
    await chat.says(f"!satz {CANARY} ist unser Netzwerk.")
    await chat.says("ja")


async def test_a_conversation_with_everything_told_tells_no_content(tmp_path):
    with written() as out:
        async with database.opened(f"sqlite:///{tmp_path}/kursbot.db") as sessions:
            chat = Chat(sessions)
            await conversation(chat)
    told = out.getvalue()
    assert CANARY not in told.replace(f"@{CANARY}:x", "")
    assert "sqlalchemy.engine.Engine" in told, "libraries were heard, too"
    assert "RuntimeError (striking.py:" in told
    assert " < ValueError ()" in told
    assert re.search(r"IntegrityError \(router.py:.*satz.py:.*\) < IntegrityError", told)


async def test_libraries_tell_only_where_they_are():
    with written() as out:
        for name in ("nio.responses", "aiohttp.server", "sqlalchemy.engine", "asyncio", "root"):
            try:
                raise KeyError(CANARY)
            except KeyError:
                logging.getLogger(name).exception("%s: %s", CANARY, TOKEN, stack_info=True)
        loop = asyncio.get_running_loop()
        loop.call_exception_handler({"message": CANARY, "exception": ValueError(CANARY)})
    lines = [line.partition(" ERROR ")[2] for line in out.getvalue().splitlines()]
    assert lines[0].startswith("nio.responses: test_logs.py:")
    assert ": KeyError (test_logs.py:" in lines[0]
    assert lines[5].endswith(": ValueError ()")
    assert not {CANARY, TOKEN} & set(out.getvalue().replace(":", " ").split())


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("$e in !r failed: KeyError (a.py:1)", "$e in !r failed: KeyError (a.py:1)"),
        (f"x{TOKEN}y {PASSWORD}", "x…y …"),
        ("Authorization: Bearer abc.def-1", "Authorization: Bearer …"),
        ("{'Authorization': 'Basic YTpi'}", "{'Authorization': 'Basic …'}"),
        ('{"access_token": "abc", "a": 1}', '{"access_token": "…", "a": 1}'),
        ("password=geheim&x=1", "password=…&x=1"),
        ("recovery_key = EsTb 1234", "recovery_key = … 1234"),
        ("syt_a2s_XyZ_1a2b and mct_abc_1", "syt_… and mct_…"),
        ("GET https://a.b/c?access_token=x&y=z now", "GET https://a.b/c?… now"),
        ("/_matrix/client/v3/sync?since=s1&filter=x", "/_matrix/client/v3/sync?…"),
        ("two\nlines\r\nand\x85more", "two lines and more"),
    ],
)
def test_secrets_are_left_out_of_our_own_lines(said, told):
    with written() as out:
        logging.getLogger("bot.app").error("%s", said)
    assert out.getvalue().partition("bot.app: ")[2] == f"{told}\n"


def test_a_group_of_errors_tells_each():
    with written() as out:
        logging.getLogger("bot.app").error(
            "done", exc_info=ExceptionGroup(CANARY, [OSError(CANARY)])
        )
    assert CANARY not in out.getvalue()
    assert out.getvalue().endswith("bot.app: done: ExceptionGroup () < OSError ()\n")


def test_a_line_can_be_an_object():
    with written("json") as out:
        logging.getLogger("bot.app").warning("„%s“", "ä")
    found = json.loads(out.getvalue())
    assert found.pop("time").endswith("+00:00")
    assert found == {"level": "WARNING", "logger": "bot.app", "message": "„ä“"}


ENDS = f"""
import asyncio, logging, sys, threading, warnings
from bot import logs
from bot.config import Log
class Sad:
    def __del__(self): raise ValueError("{CANARY}")
def fail(): raise ValueError("{CANARY}")
async def main():
    asyncio.get_running_loop().create_task(asyncio.sleep(0))
    task = asyncio.ensure_future(asyncio.to_thread(fail))
    await asyncio.wait([task]); del task
logs.configure(Log(format="json"), [], True, sys.stderr)
warnings.warn("{CANARY}")
Sad()
thread = threading.Thread(target=fail); thread.start(); thread.join()
logging.getLogger("bot").info("%d %s", "{CANARY}")
logging.getLogger("bot").info(type("Bad", (), {{"__str__": lambda s: fail()}})())
asyncio.run(main())
fail()
"""


def test_an_unexpected_end_tells_only_where(tmp_path):
    done = subprocess.run([sys.executable, "-c", ENDS], capture_output=True, text=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert done.returncode == 1
    assert CANARY not in done.stderr
    told = [(line["logger"], line["message"].partition(" (")[0]) for line in lines]
    assert told[-1] == ("bot.logs", "unexpected end: ValueError")
    assert ("bot.logs", "a thread ended: ValueError") in told
    assert ("bot.logs", "not raised: ValueError") in told
