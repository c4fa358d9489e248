"""`kursbot check`: what operators see before, during and after."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.homeserver import Homeserver
from tests import databases
from tests.matrix.cohort import ORGA, PASSWORD, Cohort, cohort, times
from tests.matrix.peer import Peer
from tests.matrix.service import eventually


def seen(course: Cohort) -> tuple[int, str]:
    """The exit code and the lines, without what differs from run to run."""
    done = course.service.call("check")
    text = done.stdout.replace(course.homeserver.base_url, "SERVER").replace(course.key, "KEY")
    text = text.replace(str(course.service.database), "FILE")
    text = re.sub(r"Gerät [A-Z]+", "Gerät X", text)
    text = re.sub(r"\d+ ms", "N ms", text)
    text = re.sub(r"[+-]\d s", "0 s", text)
    text = re.sub(r"(Nächster Beitrag +).*", r"\1…", text)
    return done.returncode, "\n".join(line.rstrip() for line in text.splitlines())


FIRST = "NEIN  Datenbank beschreibbar  FILE gibt es noch nicht: kursbot import legt sie an"

BEFORE = """\
ja    Datenbank beschreibbar
ja    Homeserver erreichbar   SERVER
NEIN  Angemeldet              noch nicht: kursbot run meldet den Bot an
      Nächster Beitrag        …
      Nächster Beitrag        …
      Nächster Beitrag        …"""

WORKING = """\
ja    Datenbank beschreibbar
ja    Homeserver erreichbar   SERVER, N ms
ja    Uhren gleich            Abweichung 0 s
ja    Angemeldet              @kursbot-KEY:localhost, Gerät X
ja    Gerät bestätigt
ja    Raum Ankündigungen      kurs-KEY: unverschlüsselt, darf schreiben
ja    Raum Austausch          kurs-KEY: unverschlüsselt, darf schreiben
ja    Raum Orga               kurs-KEY: unverschlüsselt, darf schreiben
      Nächster Beitrag        …
      Nächster Beitrag        …
      Nächster Beitrag        …"""


@pytest.mark.long
async def test_everything_right_and_wrong_is_a_line(homeserver: Homeserver, tmp_path: Path) -> None:
    async with cohort(homeserver, tmp_path, 1) as course:
        assert databases.POSTGRESQL or seen(course) == (1, FIRST)
        course.service.read(course.course(times(datetime.now(UTC), 3600)))
        assert seen(course) == (1, BEFORE)
        await course.arrive()
        assert seen(course) == (0, WORKING)
        leader, room = course.people["leitung"], course.rooms[ORGA]
        content = {"algorithm": "m.megolm.v1.aes-sha2"}
        await leader.call("PUT", "rooms", room, "state", "m.room.encryption", body=content)
        levels = {"events_default": 50}
        await leader.call("PUT", "rooms", room, "state", "m.room.power_levels", body=levels)
        code, text = seen(course)
        assert code == 1
        assert "NEIN  Raum Orga               kurs-KEY: verschlüsselt, darf NICHT schreiben" in text
        await leader.call("POST", "rooms", room, "kick", body={"user_id": course.bot})
        code, text = seen(course)
        assert code == 1
        assert "NEIN  Raum Orga               kurs-KEY: nicht dabei, bitte einladen" in text
        assert await course.service.stop() == 0


@pytest.mark.soak
async def test_the_recovery_key_is_shown_once(homeserver: Homeserver, tmp_path: Path) -> None:
    async with cohort(homeserver, tmp_path, 1) as course:
        early = course.service.call("recovery-key")
        assert (early.returncode, early.stdout) == (1, "")
        assert "er wurde schon gezeigt, oder der Bot war noch nicht angemeldet" in early.stderr
        course.service.read(course.course(times(datetime.now(UTC), 3600)))
        await course.arrive()
        first = course.service.call("recovery-key")
        key = first.stdout.splitlines()[2].strip()
        assert re.fullmatch(r"E[0-9A-Za-z]{3}( [0-9A-Za-z]{4}){11}", key)
        assert course.service.call("recovery-key").returncode == 1
        assert await course.service.stop() == 0
        assert key not in course.service.log.read_text("utf-8")
        async with Peer(homeserver.base_url, course.bot) as human:
            await human.login(PASSWORD, signed=False)
            await human.recover_keys(key)

            async def both_signed() -> bool:
                devices = (await human.trust(course.bot)).devices.values()
                return [device.signed_by_owner for device in devices] == [True, True]

            await eventually(both_signed, 10)
