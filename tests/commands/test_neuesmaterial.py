"""Material that organisers upload, and what participants get of it."""

from sqlalchemy import select

from storage.models import Meeting
from storage.replies import INFO, ORGA

LEADER = {"by": "leitung-ihk", "place": ORGA}
KEY = {
    "v": "v2",
    "url": "mxc://chat.example.org/geheim",
    "key": {"kty": "oct", "alg": "A256CTR", "ext": True, "k": "schluessel", "key_ops": []},
    "iv": "anfang",
    "hashes": {"sha256": "summe"},
}
SEALED = {"file": KEY, "info": {"mimetype": "application/pdf", "size": 7}}


async def test_everybody_hears_of_it_and_gets_the_file(cohort):
    cohort.at("2026-11-26 10:05")
    await cohort.uploads("Folien_Öffentlichkeitsarbeit.pdf", b"", source=SEALED)
    assert await cohort.says("!material w3", **LEADER) == (
        "Dieses Material für alle?\n"
        "– Folien Öffentlichkeitsarbeit (Folien_Öffentlichkeitsarbeit.pdf)\n"
        "Text für alle: „Material zu Webinar 3 (Mi 25.11.) ist da: Folien Öffentlichkeitsarbeit. "
        "Holen mit !material 3“\n"
        "ja, ja ohne Ansage, nein"
    )
    before = len(cohort.said)
    await cohort.says("ja", **LEADER)
    post, done = sorted(cohort.said[before:], key=lambda said: said.room)
    assert (post.room, post.content["msgtype"], post.body) == (
        cohort.room(INFO),
        "m.notice",
        "Material zu Webinar 3 (Mi 25.11.) ist da: Folien Öffentlichkeitsarbeit. "
        "Holen mit !material 3",
    )
    assert done.body == (
        "Verteilt: Folien Öffentlichkeitsarbeit. Alle bekommen es mit !material 3."
    )
    await cohort.says("!material 3")
    text, file = cohort.said[-2:]
    assert text.body.startswith(
        "Material: Öffentlichkeitsarbeit (Mi 25.11.)\n– Folien Öffentlichkeitsarbeit (PDF)"
    )
    assert {key: file.content[key] for key in ("msgtype", "body", "filename", "file", "info")} == {
        "msgtype": "m.file",
        "body": "Folien_Öffentlichkeitsarbeit.pdf",
        "filename": "Folien_Öffentlichkeitsarbeit.pdf",
        **SEALED,
    }
    assert "!neuesmaterial w3 1 Folien" in await cohort.says("!protokoll", **LEADER)


async def test_a_title_is_for_the_newest_and_a_new_version_replaces_the_old(cohort):
    cohort.at("2026-11-26 10:05")
    await cohort.uploads("a.pdf", b"")
    await cohort.uploads("b.pdf", b"")
    assert "Wichtige *Folien* (b.pdf)" in await cohort.says(
        "!material w3 Wichtige **Folien**", **LEADER
    )
    assert (await cohort.says("ja ohne Ansage", **LEADER)).startswith("Bereit, ohne Ansage: Wicht")
    cohort.at("2026-11-26 10:10")
    await cohort.uploads("b.pdf", b"")
    answer = await cohort.says("!folien w3", **LEADER)
    assert "– a (a.pdf)\n– b (b.pdf)\nBisher zu Webinar 3 (Mi 25.11.): Wichtige *F" in answer
    await cohort.says("ja ohne Ansage", **LEADER)
    async with cohort.sessions() as db:
        kept = await db.scalar(select(Meeting.materials).where(Meeting.key == "w3"))
    assert [(m["titel"], m["datei"]) for m in kept] == [("a", "a.pdf"), ("b", "b.pdf")]
    await cohort.says("!rueckgaengig", **LEADER)
    await cohort.says("ja", **LEADER)
    assert "Wichtige *Folien* (PDF)\n" in await cohort.says("!material 3")


async def test_without_a_file_it_says_what_is_there_and_how(cohort):
    assert await cohort.says("!material w2", **LEADER) == (
        "Zu Webinar 2 (Mi 18.11.) liegt bereit: Folien Rollen, Vorlage Rollenprofil\n"
        "Neues: Datei hier hochladen, dann !material w2 und gern ein Titel."
    )
    await cohort.uploads("teilnehmende.csv", b"")
    assert await cohort.says("!material w3", **LEADER) == (
        "Zu Webinar 3 (Mi 25.11.) liegt noch nichts bereit. "
        "Neues: Datei hier hochladen, dann !material w3 und gern ein Titel."
    )


async def test_the_course_file_read_again_leaves_it(cohort):
    cohort.at("2026-11-26 10:05")
    await cohort.uploads("a.pdf", b"")
    await cohort.says("!material w3", **LEADER)
    await cohort.says("ja", **LEADER)
    await cohort.loads()
    assert "– a (PDF)" in await cohort.says("!material 3")
