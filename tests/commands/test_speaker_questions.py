"""Questions to webinars: asked in private, seen by all, raised with an emoji, told in time."""

from datetime import timedelta

from storage.replies import ORGA, TALK

ASKED = (
    "Soll ich diese Frage ohne Namen an Webinar {} geben?\n"
    "„{}“\n"
    "Im Raum Austausch können andere sie dann sehen und unterstützen.\n"
    "Antwort: Ja, mit Namen oder Nein."
)


async def asks(chat, text, answer="ja", by="tn02"):
    chat.now += timedelta(seconds=30)
    await chat.says(f"!frage {text}", by=by)
    return await chat.says(answer, by=by)


async def test_a_question_without_a_name(cohort):
    assert await cohort.says("!frage Wie geht das?") == ASKED.format(3, "Wie geht das?")
    await cohort.says("ja")
    post, answer = sorted(cohort.said[-2:], key=lambda said: "direct" in said.room)
    assert cohort.place_of(post) == TALK
    assert post.content["msgtype"] == "m.notice"
    assert post.body == (
        "Frage 1 an Webinar 3:\n„Wie geht das?“\nAuch für andere spannend? 👍 oder !frage hoch 1"
    )
    assert answer.body == "Notiert: Frage 1 an Webinar 3, ohne Namen.\nAlle Fragen: !frage"


async def test_a_question_with_a_name_to_another_webinar(cohort):
    assert await cohort.says("!frage w5: Was kostet das?") == ASKED.format(5, "Was kostet das?")
    assert "Frage 1 an Webinar 5 von Koordination Heidewinkel" in await cohort.says("mit Namen")


async def test_nothing_happens_without_a_yes_or_by_typing_one(cohort):
    await cohort.says("!frage Wie?")
    assert "es bleibt alles" in await cohort.says("nein")
    assert await cohort.says("!frage anonym w3 Wie?") == ASKED.format(3, "anonym w3 Wie?")
    assert "gibt es noch keine Fragen" in await cohort.says("!frage")


async def test_bad_questions(cohort):
    refused = "Bitte zu einem kommenden Webinar, bis 300 Zeichen: "
    for text in ("x" * 301, "w2: Wie war das?", "w77 Wie?", "Webinar 5"):
        assert (await cohort.says(f"!frage {text}")).startswith(refused), text
    assert await cohort.says("!frage Wie?", place=TALK) == (
        "Bitte mir direkt schreiben, dann geht es auch ohne Namen: !frage …"
    )
    for number in range(5):
        assert "Notiert" in await asks(cohort, f"Frage {number}?")
    assert "Mehr als 5 Fragen" in await cohort.says("!frage Noch eine?")
    cohort.at("2027-02-20 10:00")
    assert "kommt kein Webinar mehr" in await cohort.says("!frage Und nun?")


async def test_others_raise_it_once_each_and_nobody_their_own(cohort):
    await asks(cohort, "Erste?")
    await asks(cohort, "Zweite?", "mit Namen", by="tn03")
    number = next(n for n, said in enumerate(cohort.said, 1) if said.body.startswith("Frage 2"))
    assert await cohort.reacts("👍", f"$sent{number}", by="tn04", place=TALK) == "👍"
    await cohort.says("!frage hoch 2", by="tn04", place=TALK)
    assert await cohort.says("!frage hoch 2", by="tn05") == "Vermerkt: Frage 2 (+2)."
    assert await cohort.says("!frage hoch 2", by="tn03") == "Das ist die eigene Frage 2 (+2)."
    assert await cohort.says("!frage hoch 9") == "Eine Frage 9 gibt es nicht. Alle: !frage"
    assert await cohort.says("!fragen", place=TALK) == (
        "Fragen an Webinar 3 (Öffentlichkeitsarbeit)\n"
        "2 – Zweite? (Koordination Hafenbogen, +2)\n"
        "1 – Erste?\n"
        "Unterstützen: !frage hoch und die Nummer"
    )


async def before_the_start(chat):
    """What the organisers hear of questions."""
    since = len(chat.said)
    await chat.clock_strikes("2026-11-24 16:00")
    orga = [said.body for said in chat.said[since:] if chat.place_of(said) == ORGA]
    return [text for text in orga if text.startswith("Fragen")]


async def test_organisers_get_them_before_the_start_and_late_ones_at_once(cohort):
    await asks(cohort, "Erste?")
    assert ORGA not in {cohort.place_of(said) for said in cohort.said}
    assert await before_the_start(cohort) == [
        "Fragen an Webinar 3 (Öffentlichkeitsarbeit), die wichtigsten zuerst\n"
        "– Erste?\n"
        "Alle im vollen Wortlaut: !frage"
    ]
    await asks(cohort, "Zweite?")
    late = [said.body for said in cohort.said[-3:] if cohort.place_of(said) == ORGA]
    assert late == ["Frage 2 an Webinar 3:\n„Zweite?“"]


async def test_without_questions_organisers_hear_nothing(cohort):
    assert await before_the_start(cohort) == []


async def test_who_erases_their_question_leaves_no_number_to_another(cohort):
    await asks(cohort, "Erste?")
    await cohort.says("!frage hoch 1", by="tn03")
    await cohort.says("!loeschen")
    await cohort.says("LÖSCHEN")
    assert "Frage 2 an Webinar 3:" in await asks(cohort, "Zweite?")
    assert "2 – Zweite?\n" in await cohort.says("!frage")
    assert await cohort.says("!frage hoch 1") == "Eine Frage 1 gibt es nicht. Alle: !frage"
