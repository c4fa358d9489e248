"""Who gets an answer, who is asked to slow down, and who must be a bot."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from bot.incoming import Message, Sealed
from bot.limits import REFLEXES, REMEMBERED, Throttle, Verdict

ANSWER, IGNORE, SLOW_DOWN, BOT = Verdict.ANSWER, Verdict.IGNORE, Verdict.SLOW_DOWN, Verdict.BOT
START = datetime(2026, 11, 24, 15, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def talk():
    return Talk()


class Talk:
    """One person after the other says something, and the bot answers after a tenth of a second."""

    def __init__(self, **settings):
        self.throttle, self.now, self.ids = Throttle(**settings), START, count()

    def hears(self, body="!hilfe", by="@anna:x", room="!room", **more):
        self.message = Message(f"${next(self.ids)}", room, by, body, self.now, self.now, **more)
        return self.throttle.judge(self.message)

    def says(self):
        self.now += SECOND / 10
        self.throttle.answered(self.message.event_id, self.now)

    def exchange(self, pause, *bodies, **more):
        """Each message comes so long after the answer to the one before."""
        verdicts = []
        for body in bodies:
            verdicts.append(self.hears(body, **more))
            self.says()
            self.now += pause
        return verdicts


def test_as_many_as_allowed_then_one_sentence_then_a_minute_of_silence(talk):
    verdicts = [talk.hears() for _ in range(20)]
    assert verdicts == [ANSWER] * 10 + [SLOW_DOWN] + [IGNORE] * 9
    talk.now += 59 * SECOND
    assert talk.hears() == IGNORE
    talk.now += SECOND
    assert [talk.hears() for _ in range(20)] == verdicts


def test_only_so_many_in_any_minute(talk):
    verdicts = []
    for _ in range(60):
        verdicts.append(talk.hears())
        talk.now += 1.5 * SECOND
    assert verdicts[:31] == [ANSWER] * 30 + [SLOW_DOWN]
    assert verdicts.count(IGNORE) == 29


def test_a_flood_gets_its_share_and_one_sentence_a_minute(talk):
    verdicts = []
    for _ in range(12_000):
        verdicts.append(talk.hears())
        talk.now += SECOND / 100
    assert (verdicts.count(ANSWER), verdicts.count(SLOW_DOWN)) == (20, 2)


def test_each_person_and_each_room_counts_alone(talk):
    assert [talk.hears() for _ in range(11)][-1] == SLOW_DOWN
    assert talk.hears(room="!other") == ANSWER
    assert talk.hears(by="@bert:x") == ANSWER
    assert talk.hears() == IGNORE


def test_an_unhurried_person_is_never_stopped(talk):
    for _ in range(500):
        assert talk.hears() == ANSWER
        talk.now += 2 * SECOND


def test_a_message_counts_once_however_often_it_is_read(talk):
    talk.hears()
    assert [talk.throttle.judge(talk.message) for _ in range(100)] == [ANSWER] * 100
    assert [talk.hears() for _ in range(10)] == [ANSWER] * 9 + [SLOW_DOWN]


def test_what_waited_counts_for_the_time_when_it_was_sent(talk):
    for _ in range(100):
        assert talk.hears(backlog=True) == ANSWER
        talk.message = None
        talk.now += 60 * SECOND
    assert talk.hears() == ANSWER


@pytest.mark.parametrize("hours", [-24, -1, 1, 24])
def test_time_may_jump(talk, hours):
    """Clocks are set right, and what waited comes in any order."""
    talk.hears()
    talk.now += timedelta(hours=hours)
    assert [talk.hears(backlog=True), talk.hears()] == [ANSWER] * 2
    assert SLOW_DOWN in [talk.hears() for _ in range(11)]
    talk.now += timedelta(hours=hours)
    assert talk.hears() == ANSWER


def test_what_waited_is_limited_as_well(talk):
    verdicts = [talk.hears(backlog=True) for _ in range(20)]
    assert verdicts == [ANSWER] * 10 + [SLOW_DOWN] + [IGNORE] * 9


def test_who_answers_at_once_again_and_again_is_a_bot_for_an_hour(talk):
    verdicts = talk.exchange(SECOND / 5, *["!hilfe"] * 10)
    assert verdicts == [ANSWER] * REFLEXES + [BOT] + [IGNORE] * 4
    assert talk.hears(room="!other") == ANSWER
    talk.now += timedelta(minutes=59)
    assert talk.hears() == IGNORE
    talk.now += timedelta(minutes=1)
    assert talk.hears() == ANSWER


@pytest.mark.parametrize("text", ["1", "ja", "mehr", "!da"])
def test_what_is_typed_in_no_time_proves_nothing(talk, text):
    assert talk.exchange(SECOND * 0.9, *[text] * 20) == [ANSWER] * 20


def test_who_reads_now_and_then_is_no_bot(talk):
    for _ in range(20):
        assert talk.exchange(SECOND / 2, *["!programm"] * REFLEXES) == [ANSWER] * REFLEXES
        talk.now += 8 * SECOND


def test_impatience_is_no_reflex(talk):
    """Before the webinar, nine times !link, faster than the answers come."""
    for _ in range(9):
        assert talk.hears("!link") == ANSWER
        talk.now += SECOND / 3


def test_in_a_lively_room_nobody_is_taken_for_a_bot(talk):
    """Sixteen people, something every tenth of a second, each of them every few seconds."""
    for _ in range(10):
        for number in range(16):
            assert talk.exchange(SECOND / 10, "!programm", by=f"@tn{number}:x") == [ANSWER]


def test_memory_has_an_end(talk):
    for number in range(REMEMBERED * 2):
        talk.hears(by=f"@{number}:x")
        talk.throttle.explains(f"@{number}:x", talk.now)
    memory = vars(talk.throttle)
    assert [len(memory[n]) for n in ("_speakers", "_cases", "_explained")] == [REMEMBERED] * 3


def test_what_is_sealed_is_limited_without_a_word(talk):
    event = Sealed("$sealed", "!room", "@anna:x", {}, talk.now, talk.now)
    events = [replace(event, event_id=f"$sealed{number}") for number in range(20)]
    assert [talk.throttle.judge(e) for e in events] == [ANSWER] * 10 + [IGNORE] * 10
    assert talk.hears() == ANSWER
