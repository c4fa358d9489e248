"""What is answered, where, how often, and what leaves no trace."""

from datetime import timedelta

import pytest

from bot.incoming import NativeVote
from commands import Command, UserError
from storage import inbox, polls, questions
from storage.database import Lost
from storage.models import Meeting
from storage.replies import Reply

BROKEN = (
    "Da ist bei mir etwas schiefgegangen, es hat sich nichts geändert.\n"
    "Bitte später noch einmal versuchen. Eilig? !orga und dann die Frage."
)


@pytest.fixture
async def course(chat):
    await chat.loads()
    return chat


def with_command(chat, run, **changes):
    fields = {
        "help": "",
        "example": "",
        "aliases": (),
        "phrases": {},
        "admin": False,
        "late": False,
    }
    chat.router.commands = {**chat.router.commands, run.__name__: Command(run, **fields | changes)}
    chat.router.__post_init__()


async def test_a_replayed_event_is_answered_once(course):
    message = course.message("!hilfe")

    assert await course.hears(message, message) != ""
    assert await course.hears(message) == ""


async def test_a_failing_command_leaves_no_trace_but_a_sentence(course):
    async def kaputt(ctx):
        ctx.db.add(
            Meeting(
                course_id=ctx.course.id,
                key="x",
                kind="webinar",
                day=ctx.today,
                starts=ctx.now.time(),
                ends=ctx.now.time(),
                units=1,
                topic="halb",
            )
        )
        await ctx.db.flush()
        raise RuntimeError("geheimer Text")

    with_command(course, kaputt)
    before = await course.says("!programm alle")

    assert await course.says("!kaputt") == BROKEN
    assert await course.says("!programm alle") == before


async def test_a_lost_database_is_no_fault_of_what_was_said(course):
    """The server tells the event again: then it has its effect."""
    lines_up = [Lost("COMMIT", None, Exception("gone"))]

    async def wackelig(ctx):
        if lines_up:
            raise lines_up.pop()
        return "Gesagt, getan."

    with_command(course, wackelig)
    message = course.message("!wackelig")
    with pytest.raises(Lost):
        await course.hears(message)
    assert await course.hears(message) == "Gesagt, getan."


async def test_a_mistake_of_the_user_changes_nothing(course):
    async def falsch(ctx):
        asked = Reply("", answers={"ja": "hilfe"})
        await questions.ask(
            ctx.db, questions.of(asked, ctx.room_id, ctx.sender, ctx.event_id, ctx.now)
        )
        raise UserError("So geht das nicht.")

    with_command(course, falsch)

    assert await course.says("!falsch") == "So geht das nicht."
    async with course.sessions() as db:
        room = course.room("direct", "tn02")
        assert await questions.pending(db, room, "@tn02:x", course.now) is None


async def test_fifty_messages_at_once_are_answered_fifty_times(course):
    messages = [course.message("!link", by=f"tn{n % 15 + 1:02}") for n in range(50)]

    await course.hears(*messages)

    assert len(course.said) == 50


@pytest.mark.parametrize("place", ["austausch", "ankuendigungen", "orga"])
@pytest.mark.parametrize("text", ["Guten Morgen!", "Link kommt gleich", "3", "ja", "!!!", "!pizza"])
async def test_in_rooms_the_bot_is_silent_unless_it_is_meant(course, place, text):
    assert await course.says(text, place=place) == ""


async def test_in_an_unknown_room_the_bot_is_silent(course):
    assert await course.says("!hilfe", room_id="!fremd:example.org", place="austausch") == ""


async def test_strangers_get_no_answer_in_direct_chats(course):
    assert await course.says("!hilfe", by="@fremd:example.org") == ""


async def test_an_edit_counts_if_the_first_try_was_not_understood(course):
    first = course.message("!pfoffxmm", place="austausch")
    assert await course.hears(first) == ""

    edited = course.message("!programm", place="austausch", replaces=first.event_id)
    assert (await course.hears(edited)).startswith("Nächste Termine")
    again = course.message("!programm", place="austausch", replaces=first.event_id)
    assert await course.hears(again) == ""


async def test_an_edit_of_an_executed_command_is_ignored(course):
    first = course.message("!programm")
    await course.hears(first)

    assert await course.hears(course.message("!link", replaces=first.event_id)) == ""


async def test_an_edit_corrects_a_wrong_name(course):
    first = course.message("!netzwerk Wolkenkuckucksheim")
    assert "passt zu keinem Netzwerk" in await course.hears(first)

    edited = course.message("!netzwerk Wattkante", replaces=first.event_id)
    assert (await course.hears(edited)).startswith("MINT-Region Wattkante")


async def test_unknown_is_explained_once_a_minute_in_direct_chats_only(course):
    assert (await course.says("!pizza")).startswith("Das kenne ich leider nicht.")
    assert await course.says("!pasta") == ""
    course.now += timedelta(minutes=1)
    assert (await course.says("!pasta")).startswith("Das kenne ich leider nicht.")


async def test_nearly_right_is_asked_back_and_yes_is_enough(course):
    assert await course.says("!zom") == (
        "Gemeint ist vielleicht !zoom (Zugang zum Webinar)? Antwort mit Ja genügt."
    )
    assert "https://video.example.org/nk2/w3" in await course.says("Ja")
    assert (await course.says("ja")).startswith("Das kenne ich leider nicht.")


async def test_a_question_is_valid_for_ten_minutes_for_one_person_in_one_room(course):
    await course.says("!netzwerk heide", place="austausch")

    assert await course.says("1", by="tn03", place="austausch") == ""
    assert "Heidewinkel" in await course.says("1", place="austausch")
    assert "Heidesand" in await course.says("2", place="austausch")
    course.now += timedelta(minutes=11)
    assert await course.says("1", place="austausch") == ""


async def test_a_yes_that_comes_too_late_is_told_so_in_a_direct_chat_only(course):
    await course.says("!abmelden")
    course.now += timedelta(minutes=11)
    assert (await course.says("ja")).startswith("Das kam zu spät: Eine Vorschau gilt 10 Minuten, ")
    assert (await course.says("ja")).startswith("Das kenne ich leider nicht.")

    await course.says("!abmelden", place="austausch")
    course.now += timedelta(days=2)
    assert await course.says("ja", place="austausch") == ""


async def test_where_there_is_no_more_it_is_told_so(course):
    for text in ("mehr", "!mehr"):
        assert await course.says(text) == "Mehr gibt es dazu nicht. Was ich kann: !hilfe"
    assert await course.says("!mehr", place="austausch") == (
        "Mehr gibt es dazu nicht. Was ich kann: !hilfe"
    )
    assert await course.says("mehr", place="austausch") == ""


async def test_a_wrong_number_is_told_which_ones_there_are(course):
    await course.says("!netzwerk heide")

    assert await course.says("7") == "Zur Wahl stehen 1, 2. Bitte eine davon schreiben."


async def test_no_ends_a_question(course):
    await course.says("!zom")

    assert await course.says("nein") == "In Ordnung, es bleibt alles, wie es ist."
    assert "https://" not in await course.says("ja")


@pytest.mark.parametrize("place", ["austausch", "direct"])
async def test_a_long_absence_is_mentioned_once_in_each_room(course, place):
    """Be it for a question, a vote, a mistake, a riddle or a flood."""
    course.at("2026-12-01 09:00")
    texts = ["!programm", "!stimme 3", "!stimme 99", "!zom", "!netzwerk Nirgendwo"] * 10
    late = [course.message(text, place=place, backlog=True) for text in texts]

    assert await course.hears(*late) == (
        "Ich war eine Weile nicht erreichbar. Stimmen, die rechtzeitig kamen, zählen. "
        "Was sonst noch wichtig ist, bitte einfach noch einmal schreiben."
    )


async def test_a_vote_counts_however_late_it_is_read(course):
    course.at("2026-12-01 09:00")
    vote = course.message("!stimme 3", backlog=True, sent=course.now)
    course.now += timedelta(hours=5)
    await course.hears(vote)

    async with course.sessions() as db:
        poll = await polls.current(db, course.course, course.now)
        assert await polls.turnout(db, poll) == (1, 16)


async def test_a_native_vote_from_elsewhere_is_nothing(course):
    vote = NativeVote("$v", "!fremd:x", "@tn01:x", "$poll", ("1",), course.now, course.now)

    assert await course.hears(vote) == ""


@pytest.mark.parametrize("said", [{"body": "ja"}, {"body": "Genau so!", "answers": "$other"}])
async def test_people_who_talk_to_each_other_are_never_told_to_slow_down(course, said):
    talk = [course.message(**said, place="austausch") for _ in range(60)]

    await course.hears(*talk)

    assert course.said == []


async def test_too_many_messages_are_held_back_with_one_sentence(course):
    flood = [course.message("!link") for _ in range(60)]

    await course.hears(*flood)

    assert len(course.said) == 11
    assert course.said[-1].body == (
        "Das geht mir etwas zu schnell. Bitte eine Minute warten, dann antworte ich wieder."
    )
    assert await course.says("!link", by="tn03") != ""


async def test_a_voice_message_is_answered_in_direct_chats_only(course):
    assert await course.says("ton.ogg", media=True) == (
        "Ich kann leider nur Text lesen. Bitte kurz schreiben oder mit !orga die "
        "Lehrgangsleitung fragen."
    )
    assert await course.says("ton.ogg", media=True, place="austausch") == ""


async def test_an_answer_of_the_organisers_finds_its_way_back(course):
    await course.says("!orga Wo parke ich?")
    asked = f"$sent{next(i for i, said in enumerate(course.said, 1) if 'orga' in said.room)}"

    await course.says("Im Hof.", by="leitung-ihk", place="orga", answers=asked)

    answer, thumb = course.said[-2:]
    assert (answer.room, answer.body) == (
        course.room("direct", "tn02"),
        "Antwort der Lehrgangsleitung:\nIm Hof.",
    )
    assert (thumb.type, thumb.body) == ("m.reaction", "👍")


async def test_what_cannot_be_handled_is_quarantined_without_its_content(course):
    async def kaputt(ctx):
        raise RuntimeError

    with_command(course, kaputt)
    message = course.message("!kaputt geheim")
    await course.hears(message)

    async with course.sessions() as db:
        assert not await inbox.understood(db, message.event_id)


@pytest.mark.parametrize(
    "text",
    [
        "!netzwerk ' OR 1=1",
        "!suche %",
        "!suche @room",
        "!netzwerk <b>x</b>",
        "!suche " + "ä" * 60_000,
        "!netzwerk \u202egnp.exe",
        "!suche \ud800",
        "!programm 99999999999999999999",
        "!suche **x**",
    ],
)
async def test_hostile_text_is_data(course, text):
    await course.says(text)

    for said in course.said:
        html = str(said.content.get("formatted_body", ""))
        assert said.content["m.mentions"] == {}
        assert len(said.body) <= 600
        assert "<b>" not in html
        assert "\u202e" not in said.body


async def test_of_a_flood_nothing_is_kept_but_what_was_answered(course):
    flood = [course.message(text, place="austausch") for text in ("!hilfe", "Na sowas.") * 500]

    await course.hears(*flood)

    async with course.sessions() as db:
        seen = [message for message in flood if await inbox.understood(db, message.event_id)]
    assert seen == [message for message in flood if message.body == "!hilfe"][:10]


async def test_other_bots_are_not_heard(course):
    course.router.throttle.bots = {"@tn02:chat.example.org"}

    assert await course.says("!hilfe") == ""
    assert await course.says("!hilfe", by="tn03") != ""
