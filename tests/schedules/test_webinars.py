"""What is said around a meeting, early or late, with much or little to say."""

from datetime import date, time

from schedules.feedback import feedback
from schedules.gleich import gleich
from schedules.impuls import impuls
from schedules.material_fehlt import material_fehlt
from schedules.vortag import vortag
from schedules.wochenrueckblick import wochenrueckblick

MONDAY, TUESDAY = "2026-11-23 09:00", "2026-11-24 14:00"
WEDNESDAY, THURSDAY, FRIDAY = "2026-11-25 09:45", "2026-11-26 10:00", "2026-11-27 13:00"


async def test_the_impulse_asks_the_question_of_the_week(stage):
    assert await stage.says(impuls, MONDAY) == [
        "**Diese Woche: Öffentlichkeitsarbeit.** Welche Meldung aus Ihrem Netzwerk hat zuletzt gut "
        "funktioniert? Antworten gern hier, ein Satz genügt."
    ]


async def test_without_a_question_the_impulse_names_the_date(stage):
    assert await stage.says(impuls, MONDAY, prompt="") == [
        "**Diese Woche: Öffentlichkeitsarbeit.** Das Webinar ist am Mi 25.11., 10:00 bis 11:30 "
        "Uhr. Fragen und Wünsche dazu gern schon hier."
    ]


async def test_a_long_question_is_cut(stage):
    (text,) = await stage.says(impuls, MONDAY, prompt="Wie geht es weiter? " * 90)
    assert len(text) <= 600
    assert " … Antworten gern hier" in text


async def test_the_day_before(stage):
    assert await stage.says(vortag, TUESDAY) == [
        "**Morgen, Mi 25.11., 10:00 bis 11:30 Uhr:** Öffentlichkeitsarbeit: Tipps und Tricks\n"
        "Bis morgen, Mi 25.11., 09:00 Uhr: Eine eigene Kurzmeldung (max. 900 Zeichen) mitbringen\n"
        "Der Zugang kommt morgen um 09:45 Uhr oder jetzt mit !link."
    ]


async def test_the_same_reminder_later_says_today(stage):
    assert await stage.says(vortag, "2026-11-25 09:10") == [
        "**Heute, Mi 25.11., 10:00 bis 11:30 Uhr:** Öffentlichkeitsarbeit: Tipps und Tricks\n"
        "Der Zugang kommt heute um 09:45 Uhr oder jetzt mit !link."
    ]


async def test_days_before_it_says_the_date_alone(stage):
    assert await stage.says(vortag, "2026-11-23 14:00", task="") == [
        "**Mi 25.11., 10:00 bis 11:30 Uhr:** Öffentlichkeitsarbeit: Tipps und Tricks\n"
        "Der Zugang kommt am Mi 25.11. um 09:45 Uhr oder jetzt mit !link."
    ]


async def test_when_no_link_will_be_posted_there_is_the_command(stage):
    assert await stage.says(vortag, "2026-11-25 09:45", task="") == [
        "**Heute, Mi 25.11., 10:00 bis 11:30 Uhr:** Öffentlichkeitsarbeit: Tipps und Tricks\n"
        "Zugang: !link"
    ]


async def test_a_missing_link_is_told_the_organisers_first(stage):
    told, _ = await stage.says(vortag, TUESDAY, link="")
    assert told == (
        "orga",
        "Für Webinar 3 (Mi 25.11.) fehlt der Zugang. "
        "Bitte nachtragen: !neuerlink w3 und die Adresse",
    )


async def test_the_link_in_time(stage):
    assert await stage.says(gleich, WEDNESDAY) == [
        "**Gleich geht es los, 10:00 Uhr:** Öffentlichkeitsarbeit: Tipps und Tricks\n"
        "https://video.example.org/nk2/w3\n"
        "Kenncode: 4711\n"
        "Per Telefon: 0800 0000000, dann 4711#"
    ]


async def test_a_link_may_be_all_there_is(stage):
    assert await stage.says(gleich, WEDNESDAY, code="", phone="") == [
        "**Gleich geht es los, 10:00 Uhr:** Öffentlichkeitsarbeit: Tipps und Tricks\n"
        "https://video.example.org/nk2/w3"
    ]


async def test_without_a_link_nothing_is_pretended(stage):
    assert await stage.says(gleich, WEDNESDAY, link="", code="", phone="") == [
        "**Gleich geht es los, 10:00 Uhr:** Öffentlichkeitsarbeit: Tipps und Tricks\n"
        "Der Zugang fehlt noch. !link zeigt ihn, sobald er da ist."
    ]


async def test_feedback(stage):
    assert await stage.says(feedback, "2026-11-25 11:40") == [
        "**Danke fürs Mitmachen bei Webinar 3!** Rückmeldung in zehn Sekunden: mir direkt eine "
        "Zahl schreiben, 1 = sehr hilfreich, 5 = gar nicht hilfreich, gern mit einem Satz dazu.\n"
        "Bis Fr 27.11., 12:00 Uhr. Weitergegeben wird sie ohne Namen und erst ab 5 Antworten."
    ]


async def test_material_is_missed_only_if_there_is_none(stage):
    assert await stage.says(material_fehlt, THURSDAY) == [
        "Zu Webinar 3 (Öffentlichkeitsarbeit, Mi 25.11.) fehlt noch das Material. "
        "Bitte hier hochladen und !material w3 schreiben."
    ]
    assert await stage.says(material_fehlt, "2026-11-19 10:00", "w2") == [None]


async def test_the_review_of_a_week(stage):
    assert await stage.says(wochenrueckblick, "2026-11-20 13:00", "w2") == [
        "**Wochenrückblick 2:** Thema war Rollen der Netzwerkkoordination.\n"
        "Zum Nachlesen: !material 2\n"
        "Noch offen bis Di 24.11., 18:00 Uhr: Rollenprofil ausfüllen (Vorlage)\n"
        "Noch offen bis Mi 25.11., 09:00 Uhr: "
        "Eine eigene Kurzmeldung (max. 900 Zeichen) mitbringen\n"
        "Nächste Woche, Mi 25.11., 10:00 Uhr: Öffentlichkeitsarbeit\n"
        "Schönes Wochenende!"
    ]


async def test_a_task_that_will_be_set_later_is_not_open_yet(stage):
    (text,) = await stage.says(wochenrueckblick, "2026-11-13 13:00", "w1")
    assert "Netzwerkstruktur" in text
    assert "Rollenprofil" not in text


async def test_before_a_break_the_review_says_until_when(stage):
    assert await stage.says(wochenrueckblick, "2026-12-18 13:00", "w6") == [
        "**Wochenrückblick 6:** Thema war Qualitätssicherung im Netzwerk.\n"
        "Winterpause bis Fr 08.01., weiter geht es am Mi 13.01., 10:00 Uhr: Wahlthema A\n"
        "Schönes Wochenende!"
    ]


async def test_a_review_before_the_webinar_does_not_speak_of_the_past(stage):
    assert await stage.says(wochenrueckblick, "2026-11-26 13:00", day=date(2026, 11, 27)) == [
        "**Wochenrückblick 3:** Thema ist Öffentlichkeitsarbeit.\n"
        "Diese Woche noch, Fr 27.11., 10:00 Uhr: Öffentlichkeitsarbeit"
    ]


async def test_the_last_review_says_goodbye(stage):
    late = {"day": date(2027, 2, 12), "starts": time(9), "ends": time(10)}
    assert await stage.says(wochenrueckblick, "2027-02-12 13:00", "w10", **late) == [
        "**Wochenrückblick 10:** Thema war Bilanz.\n"
        "Das war der letzte Termin. Danke fürs Mitmachen!\n"
        "Schönes Wochenende!"
    ]
