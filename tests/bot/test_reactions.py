"""An emoji on a message of the bot is as good as the line that it stands for."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.matrix.translate import translate
from commands import Command, preview
from storage.replies import ORGA, TALK, Post, Reply, Whisper

LINES = {"👍": "gezaehlt ja", "❤️": "gezaehlt herz", "⭐": "oeffentlich"}


async def frage(ctx):
    return Reply("Wie?", reactions=LINES)


async def gezaehlt(ctx, was):
    return f"{ctx.person.key if ctx.person else 'Leitung'}: {was}"


async def oeffentlich(ctx):
    return "So geht es nicht." if ctx.direct else None


async def leitung(ctx):
    return "Getan." if ctx.confirmed else preview("leitung", "Wirklich?")


async def weiter(ctx):
    answers = {"ja": "gezaehlt gerne", "nein": "gezaehlt ungern"}
    ctx.also.append(Whisper("@tn03:chat.example.org", "Und hier?", answers))
    ctx.also.append(Post(TALK, "Wer noch?", reactions=LINES))


@pytest.fixture
async def course(chat):
    await chat.loads()
    for run in (frage, gezaehlt, oeffentlich, leitung, weiter):
        admin = run is leitung
        chat.router.commands |= {run.__name__: Command(run, "", "", (), {}, admin, late=False)}
    chat.router.__post_init__()
    return chat


async def test_everybody_may_react_once_to_each_message(course):
    await course.says("!frage", place=TALK)
    asked = f"$sent{len(course.said)}"
    assert await course.reacts("👍", asked, place=TALK) == "tn02: ja"
    assert await course.reacts("❤", asked, place=TALK) == ""
    assert await course.reacts("❤", asked, by="tn03", place=TALK) == "tn03: herz"
    assert await course.reacts("👍🏽", asked, by="leitung-ihk", place=TALK) == "Leitung: ja"
    assert {said.room for said in course.said} == {course.room(TALK)}


async def test_what_means_nothing_is_silence(course):
    await course.says("!frage", place=TALK)
    asked = f"$sent{len(course.said)}"
    assert await course.reacts("🎉", asked, place=TALK) == ""
    assert await course.reacts("👍", "$anderes", place=TALK) == ""
    assert await course.reacts("👍", asked, by="@fremd:x.org", place=TALK) == ""
    assert await course.reacts("👍", asked, place=TALK, backlog=True) == ""
    assert await course.reacts("👍", asked, place="direct") == ""
    assert await course.reacts("👍", asked, place=TALK) == "tn02: ja"


async def test_a_thumb_answers_the_last_question_to_this_person(course):
    await course.says("!zom")
    asked = f"$sent{len(course.said)}"
    assert await course.reacts("👍", asked, by="tn03") == ""
    assert "https://video.example.org/nk2/w3" in await course.reacts("👍", asked)
    assert await course.reacts("👍", asked) == ""
    await course.says("!zom")
    assert await course.reacts("👎🏿") == "In Ordnung, es bleibt alles, wie es ist."


async def test_an_older_or_expired_question_is_over(course):
    await course.says("!zom", place=TALK)
    older = f"$sent{len(course.said)}"
    await course.says("!zom", place=TALK)
    assert await course.reacts("👍", older, place=TALK) == ""
    course.now += timedelta(minutes=11)
    assert await course.reacts("👍", place=TALK) == ""


async def test_organisers_confirm_with_a_thumb_unless_the_server_could_have_done_it(course):
    await course.says("!leitung", by="leitung-ihk", place=ORGA)
    asked = f"$sent{len(course.said)}"
    assert (await course.reacts("👍", asked, "leitung-ihk", ORGA, exposed=True)).startswith(
        "Für Befehle der Lehrgangsleitung zählt hier nur die Antwort als Text"
    )
    assert await course.reacts("👍", asked, by="tn02", place=ORGA) == ""
    assert await course.reacts("👍", asked, by="leitung-ihk", place=ORGA) == "Getan."


async def test_a_whispered_question_waits_a_day_for_words_or_a_thumb(course):
    async def asked():
        await course.says("!weiter", place=TALK)
        posted, whispered = sorted(course.said[-2:], key=lambda said: said.room)
        assert (whispered.room, posted.room) == ("@tn03:chat.example.org", course.room(TALK))
        course.now += timedelta(hours=23)
        return f"$sent{course.said.index(whispered) + 1}"

    await asked()
    assert await course.says("jo", by="tn03") == "tn03: gerne"
    assert await course.says("ja", by="tn03", place=TALK) == ""
    assert await course.reacts("👎", await asked(), by="tn03") == "tn03: ungern"
    assert await course.reacts("👍", await asked(), by="tn02") == ""
    await asked()
    course.now += timedelta(hours=2)
    assert (await course.says("ja", by="tn03")).startswith("Das kenne ich leider nicht.")


async def test_a_number_still_votes_while_a_yes_is_waited_for(course):
    course.at("2026-12-01 09:00")
    await course.says("!zom")
    assert (await course.says("3")).startswith("Stimme gezählt: 3")


async def test_who_reacts_all_the_time_is_not_slowed_down_for_that(course):
    for number in range(40):
        await course.reacts("👍", f"$anderes{number}", place=TALK)
    assert await course.says("!frage", place=TALK) == "Wie?"


@pytest.mark.parametrize(
    "relation",
    [
        None,
        "👍",
        {},
        {"rel_type": "m.annotation", "event_id": "$e"},
        {"key": "👍"},
        {"rel_type": "m.reference", "event_id": "$e", "key": "👍"},
        {"rel_type": "m.annotation", "event_id": 7, "key": "👍"},
        {"rel_type": "m.annotation", "event_id": "$e", "key": ["👍"]},
    ],
)
def test_what_is_no_reaction(relation):
    facts = {"type": "m.reaction", "event_id": "$r", "sender": "@ada:x.org"}
    event = facts | {"content": {"m.relates_to": relation}}
    now = datetime(2026, 12, 1, tzinfo=UTC)
    assert translate(event, room_id="!r", bot="@bot:x.org", direct=False, now=now) is None
