"""Quotes and tips: nothing of them is anybody's but their author's, who can take them back."""

from datetime import timedelta

from sqlalchemy import select

from bot import forgetting
from commands import Quoted
from storage import quotes, tips
from storage.models import Quote, Tip

SENTENCE = "Endlich kenne ich Leute mit denselben Fragen."
ASKED = (
    f"„{SENTENCE}“\n"
    "Wie darf das zitiert werden?\n"
    "1 – mit dem Namen hier: Koordination Heidewinkel\n"
    "2 – nur mit dem Netzwerk\n"
    "3 – ohne Namen\n"
    "4 – nur für die Lehrgangsleitung\n"
    "Bitte mit der Zahl antworten."
)
HOW = "Eines beitragen: !zitat und dahinter der Satz, direkt an mich"
TIP = "Vor dem ersten Treffen alle einzeln anrufen."
ASK = (
    "Jemand möchte die Nachricht vom Di 24.11., 14:58 Uhr, im Raum Austausch als Tipp behalten. "
    "Für alle im Kurs merken, mit dem Namen des Netzwerks?\n"
    "ja oder nein schreiben, oder 👍 auf diese Nachricht. Ohne Antwort vergesse ich sie nach einem "
    "Tag."
)


async def test_a_quote_goes_as_far_as_its_author_says(cohort):
    for number, by, shown in (
        ("1", "Koordination Heidewinkel", True),
        ("2", "Heidewinkel", True),
        ("3", "", True),
        ("4", "Koordination Heidewinkel", False),
    ):
        cohort.now += timedelta(minutes=1)
        assert await cohort.says(f"!zitat {SENTENCE}") == ASKED
        assert (await cohort.says(number)).startswith("Danke! Vermerkt: ")
        line = f"„{SENTENCE}“" + (f", {by}" if by else "")
        all_see = f"Stimmen aus dem Kurs\n{line}\n{HOW}"
        others = await cohort.says("!zitate", by="tn03", place="austausch")
        assert others == (all_see if shown else f"Es gibt noch keine Zitate. {HOW}")
        leaders = await cohort.says("!zitate", by="leitung-ihk", place="orga")
        assert leaders == (all_see if shown else f"Stimmen aus dem Kurs\n{line} (intern)\n{HOW}")
        async with cohort.sessions() as db:
            exported = await quotes.every(db, cohort.course, internal=True)
        consent = [*quotes.CONSENTS][int(number) - 1]
        assert [(q.text, q.by, q.consent) for q in exported] == [(SENTENCE, by, consent)]


async def test_a_consent_can_be_changed_and_withdrawn(cohort):
    for number in ("1", "3"):
        await cohort.says(f"!zitat {SENTENCE}")
        await cohort.says(number)
    assert await cohort.says("!zitate", by="tn03") == f"Stimmen aus dem Kurs\n„{SENTENCE}“\n{HOW}"
    assert await cohort.says("!zitat zurück", by="tn03") == (
        "Es gibt kein eigenes Zitat. Eines beitragen: !zitat und dahinter der Satz"
    )
    assert await cohort.says("!zitat zurück") == f"Zurücknehmen?\n„{SENTENCE}“\nja oder nein"
    assert await cohort.says("ja") == "Zurückgenommen und vergessen."
    async with cohort.sessions() as db:
        assert (await db.scalars(select(Quote))).all() == []


async def test_nothing_is_kept_before_the_answer_nor_by_typing_it(cohort):
    await cohort.says(f"!zitat {SENTENCE}")
    await cohort.says("nein")
    assert "Wie darf das zitiert werden?" in await cohort.says("!zitat name: Das war ich nie")
    assert await cohort.says("!zitat hier im Raum", place="austausch") == (
        "Zitate bitte mir direkt schreiben: Es gehört eine Frage dazu, die nur zwei angeht."
    )
    assert await cohort.says(f"!zitat {'x' * 301}") == "Bitte kürzer: höchstens 300 Zeichen."
    async with cohort.sessions() as db:
        assert (await db.scalars(select(Quote))).all() == []


async def test_several_quotes_are_chosen_from_and_paged(cohort):
    for n in range(6):
        await cohort.says(f"!zitat Satz {'abcdef'[n]}")
        await cohort.says("3")
        cohort.now += timedelta(minutes=1)
    assert (await cohort.says("!zitate")).splitlines()[1::4] == ["„Satz f“", "„Satz b“"]
    assert (await cohort.says("!mehr")).splitlines()[1] == "„Satz a“"
    assert (await cohort.says("!zitat zurück")).startswith("„zurück“ passt zu sechs Zitaten:\n1 – ")
    assert "„Satz b“" in await cohort.says("2")


async def test_an_own_tip_is_asked_back_and_can_be_taken_back(cohort):
    assert await cohort.says(f"!tipp {TIP}") == (
        f"Als Tipp für alle im Kurs merken?\n„{TIP}“\nja oder nein"
    )
    assert await cohort.says("ja") == "Gemerkt, danke! Zurücknehmen: !tipps zurück 1"
    assert (await cohort.says("!tipps", by="tn03")).splitlines()[1] == f"– {TIP} (Heidewinkel)"
    missing = "Den Tipp gibt es nicht mehr, oder er ist nicht vom eigenen Konto."
    assert await cohort.says("!tipps zurück 1", by="tn03") == missing
    await cohort.says("!tipps zurück 1")
    assert await cohort.says("ja") == "Gut, vergessen."
    assert (await cohort.says("!tipps", by="tn03")).startswith("Es gibt noch keine Tipps.")


async def bulb(
    cohort, by="tn03", author="@tn02:chat.example.org", place="austausch", text=TIP, target="$tip"
):
    """Somebody puts 💡 to a message in a room; what the bot says, by room."""
    before = len(cohort.said)
    sent = cohort.now - timedelta(minutes=2)
    message = Quoted(target, author, text, sent)
    await cohort.reacts("💡", target, by=by, place=place, quoted=message)
    return {said.room: said.body for said in cohort.said[before:]}


async def kept(cohort):
    async with cohort.sessions() as db:
        return [(tip.text, tip.agreed) for tip in await db.scalars(select(Tip))]


async def test_a_bulb_asks_the_author_alone_and_one_thumb_is_a_yes(cohort):
    assert await bulb(cohort) == {"@tn02:chat.example.org": ASK}
    assert await bulb(cohort, by="tn04") == {}
    asked = f"$sent{len(cohort.said)}"
    assert (await cohort.says("!tipps", by="tn03")).startswith("Es gibt noch keine Tipps.")
    assert await cohort.reacts("👍", asked, by="tn03") == ""
    assert await cohort.reacts("👍🏻", asked) == "Danke, gemerkt. Zurücknehmen: !tipps zurück 1"
    assert (await cohort.says("!tipps", by="tn03")).splitlines()[1] == f"– {TIP} (Heidewinkel)"
    async with cohort.sessions() as db:
        assert [(t.text, t.by) for t in await tips.every(db, cohort.course)] == [
            (TIP, "Heidewinkel")
        ]


async def test_a_no_or_a_day_of_silence_and_the_text_is_gone(cohort):
    await bulb(cohort)
    assert await kept(cohort) == [(TIP, False)]
    assert await cohort.says("nein") == "Gut, vergessen."
    assert await kept(cohort) == []
    await bulb(cohort, by="tn05")
    asked = f"$sent{len(cohort.said)}"
    await forgetting.forget(cohort.sessions, cohort.now + timedelta(hours=23))
    assert await kept(cohort) == [(TIP, False)]
    await forgetting.forget(cohort.sessions, cohort.now + timedelta(hours=24))
    assert await kept(cohort) == []
    assert (await cohort.reacts("👍", asked)).startswith("Den Tipp gibt es nicht mehr")


async def test_only_what_people_of_the_course_say_to_all_can_become_a_tip(cohort):
    for who in (
        {"author": "@fremd:x.org"},
        {"author": "@leitung-ihk:chat.example.org"},
        {"by": "@fremd:x.org"},
        {"place": "orga", "by": "leitung-ihk"},
        {"text": " \n "},
    ):
        assert await bulb(cohort, target=f"$tip{who}", **who) == {}
    assert await kept(cohort) == []


async def test_a_tip_from_elsewhere_is_data(cohort):
    await bulb(cohort, text="**@room**\n<b>1. Januar</b>")
    await cohort.says("ja")
    assert (await cohort.says("!tipps", by="tn03")).splitlines()[1] == (
        "– *@room* <b>1. Januar</b> (Heidewinkel)"
    )


async def test_the_friday_review_names_new_offers_and_tips_and_the_vote(cohort):
    cohort.at("2026-12-03 10:00")
    for line in ("!biete Kaffee", "!tipp Alle anrufen"):
        await cohort.says(line)
        await cohort.says("ja")
    await cohort.clock_strikes("2026-12-04 12:59")
    assert await cohort.clock_strikes("2026-12-04 13:00") == (
        "Wochenrückblick 4: Thema war Tools für die tägliche Arbeit.\n"
        "Neu angeboten: Kaffee (Heidewinkel)\n"
        "Ein neuer Tipp: !tipps\n"
        "Abstimmung bis Fr 11.12., 12:00 Uhr: !themen\n"
        "Nächste Woche, Mi 09.12., 10:00 Uhr: Angebotsentwicklung im Netzwerk\n"
        "Schönes Wochenende!"
    )
