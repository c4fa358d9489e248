"""Files that organisers put into their room, on a real homeserver, in the open and encrypted."""

import hashlib
import secrets
from base64 import b64encode, urlsafe_b64encode
from datetime import UTC, datetime
from pathlib import Path

import pytest
from Crypto.Cipher import AES

from bot.homeserver import Homeserver
from tests.matrix.cohort import ORGA, Cohort, cohort, times

SLIDES = b"%PDF " + bytes(range(256)) * 40


async def upload(course: Cohort, name: str, data: bytes) -> None:
    """As Element does it: in an encrypted room, the server sees no byte of the file."""
    leader, where = course.people["leitung"], {}
    if course.encrypted:
        key, start = secrets.token_bytes(32), secrets.token_bytes(8)
        data = AES.new(key, AES.MODE_CTR, nonce=start).encrypt(data)
        web = {"kty": "oct", "alg": "A256CTR", "ext": True, "key_ops": ["encrypt", "decrypt"]}
        web["k"] = urlsafe_b64encode(key).decode().rstrip("=")
        digest = b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
        whole = b64encode(start + bytes(8)).decode().rstrip("=")
        where = {"v": "v2", "key": web, "iv": whole, "hashes": {"sha256": digest}}
    url = await leader.upload(data, "application/octet-stream", "x" if where else name)
    about = {"msgtype": "m.file", "body": "!import ja", "filename": name}
    place = {"file": where | {"url": url}} if where else {"url": url}
    info = {"mimetype": "text/csv", "size": len(data)}
    content = {**about, **place, "info": info, "m.mentions": {}}
    await leader.send(course.rooms[ORGA], "m.room.message", content)


async def told(course: Cohort, text: str = "", name: str = "leitung") -> str:
    """What the bot says next to somebody, in Orga or directly."""
    person = course.people[name]
    room = course.rooms[ORGA] if name == "leitung" else course.direct[name]
    if text:
        await person.say(room, text)
    found = await person.wait_for(
        lambda e: e.room == room and e.sender == course.bot and bool(e.body), 20
    )
    assert found.encrypted is course.encrypted
    return found.body


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
async def test_a_list_and_slides(homeserver: Homeserver, tmp_path: Path, encrypted: bool) -> None:
    async with cohort(homeserver, tmp_path, 1, encrypted=encrypted) as course:
        course.service.read(course.course(times(datetime.now(UTC), 3600)))
        await course.arrive()

        if encrypted:  # the server could have made it up
            leader, body = course.people["leitung"], {"msgtype": "m.file", "body": "liste.csv"}
            body["url"] = await leader.upload(b"Netzwerk;Konto\n", "text/csv", "liste.csv")
            path = ("rooms", course.rooms[ORGA], "send", "m.room.message", "offen")
            await leader.call("PUT", *path, body=body)
            assert (await told(course)).startswith("Ich kann leider nur Text lesen.")

        account = "@neu:example.org"
        await upload(course, "liste.csv", f"Netzwerk;Konto\nWattkante;{account}\n".encode())
        assert (await told(course)).startswith("„liste.csv“ ist da, noch nichts gelesen.")
        preview = await told(course, "!import")
        assert "Datei gelesen: 1 Zeile, noch nichts gespeichert" in preview
        assert "Geändert: tn01 Konto" in preview
        assert (await told(course, "nein")).startswith("In Ordnung")

        await upload(course, "Folien.pdf", SLIDES)
        assert "– Folien (Folien.pdf)" in await told(course, "!material w1")
        assert (await told(course, "ja")).startswith("Verteilt: Folien.")
        assert "– Folien (PDF)" in await told(course, "!material 1", "tn01")
        person = course.people["tn01"]
        file = await person.wait_for(lambda e: e.content.get("msgtype") == "m.file")
        assert await person.download(dict(file.content)) == SLIDES
        assert ("file" in file.content) is encrypted
