"""A course file as rows of the database: what should be there, not yet compared with what is."""

from collections.abc import Collection
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from storage import calendar
from storage.course_files.course_schema import CourseFile, Netzwerk, Regel, Termin, Wahl
from storage.models import (
    Attendance,
    Base,
    Break,
    Course,
    Group,
    Holiday,
    Meeting,
    Network,
    Organiser,
    Person,
    Poll,
    Room,
    Rule,
    Speaker,
    Topic,
)
from storage.polls import APPROVAL
from storage.replies import ALUMNI, INFO, ORGA, TALK, Place


def course(file: CourseFile, now: datetime) -> Course:
    """The course itself with all its settings."""
    kurs, privacy, quiet = file.kurs, file.datenschutz, file.ruhezeiten
    return Course(
        key=kurs.id,
        title=kurs.titel,
        short_title=kurs.kurztitel or kurs.titel,
        timezone=kurs.zeitzone,
        begins=kurs.beginn,
        ends=kurs.ende,
        recording=kurs.aufzeichnung,
        form=file.anrede.form,
        gender=file.anrede.gender,
        lesson_minutes=file.nachweis.ue_minuten,
        quota_percent=file.nachweis.quote_prozent,
        proof=file.nachweis.leistungsnachweis,
        controller=privacy.verantwortlich,
        privacy_url=privacy.hinweis_url,
        votes_kept_days=privacy.einzelstimmen_tage,
        log_kept_days=privacy.protokoll_tage,
        feedback_kept_days=privacy.feedback_tage_nach_ende,
        attendance_kept_months=privacy.anwesenheit_monate_nach_ende,
        feedback_minimum=privacy.feedback_mindestzahl,
        quiet_from=quiet.von,
        quiet_until=quiet.bis,
        quiet_weekend=quiet.wochenende,
        project_units=file.projektarbeit.ue_selbst,
        project_due=_moment(file.projektarbeit.abgabe, file),
        presentation_minutes=file.projektarbeit.praesentation_minuten,
        open_weeks=kurs.offen_wochen_nach_ende,
        imported_at=now,
    )


def rows(file: CourseFile, course_id: int) -> list[Base]:
    """Everything that belongs to the course, in the order in which changes are told."""
    return [
        *_frame(file, course_id),
        *(_meeting(termin, file, course_id) for termin in file.termin),
        *_people(file, course_id),
        *_election(file, course_id),
        *(_rule(regel, course_id) for regel in file.regel),
        *_attendance(file, course_id),
    ]


def rooms(file: CourseFile) -> dict[Place, str]:
    """The rooms by what they are for, as aliases or ids; not every course has all of them."""
    found = {
        INFO: file.raeume.ankuendigungen,
        TALK: file.raeume.austausch,
        ORGA: file.raeume.orga,
        ALUMNI: file.raeume.alumni,
    }
    return {kind: address for kind, address in found.items() if address}


def without(file: CourseFile, people: Collection[str]) -> CourseFile:
    """The file without these people, their attendance, and networks that nobody else belongs to."""
    staying = [person for person in file.person if person.id not in people]
    used = {person.netzwerk for person in staying}
    left = {person.netzwerk for person in file.person} - used
    missed = [entry for entry in file.anwesenheit.abweichung if entry.person not in people]
    attended = file.anwesenheit.model_copy(update={"abweichung": missed})
    networks = [network for network in file.netzwerk if network.id not in left]
    changes = {"person": staying, "netzwerk": networks, "anwesenheit": attended}
    return file.model_copy(update=changes)


def _moment(local: datetime | None, file: CourseFile) -> datetime | None:
    return local and _utc(local, file)


def _utc(local: datetime, file: CourseFile) -> datetime:
    """The moment when clocks in the zone of the course show this."""
    return calendar.at(local.date(), local.time(), ZoneInfo(file.kurs.zeitzone)).astimezone(UTC)


def _frame(file: CourseFile, course_id: int) -> list[Base]:
    return [
        *(
            Room(
                course_id=course_id,
                kind=kind,
                address=address,
                room_id=address if address.startswith("!") else None,
            )
            for kind, address in rooms(file).items()
        ),
        *(Organiser(course_id=course_id, mxid=mxid) for mxid in file.admin.mxids),
        *(Speaker(course_id=course_id, key=r.id, role=r.rolle) for r in file.referent),
        *(Break(course_id=course_id, name=p.name, first=p.von, last=p.bis) for p in file.pause),
        *(
            Holiday(course_id=course_id, day=f.datum, name=f.name, states=f.laender)
            for f in file.feiertag
        ),
    ]


def _meeting(termin: Termin, file: CourseFile, course_id: int) -> Meeting:
    return Meeting(
        course_id=course_id,
        key=termin.id,
        kind=termin.art,
        number=termin.nummer,
        day=termin.datum,
        starts=termin.beginn,
        ends=termin.ende,
        break_minutes=termin.pausen_minuten,
        units=termin.ue,
        topic=termin.thema,
        slot=termin.wahlplatz,
        speakers=termin.referenten,
        prompt=termin.impuls,
        task=termin.aufgabe,
        task_due=_moment(termin.aufgabe_bis, file),
        link=termin.zugang.adresse,
        code=termin.zugang.kenncode,
        phone=termin.zugang.telefon,
        note=termin.hinweis,
        folder=termin.ablage,
        materials=[{"titel": m.titel, "datei": m.datei} for m in termin.material],
        mandatory=termin.pflicht,
    )


def _people(file: CourseFile, course_id: int) -> list[Base]:
    return [
        *(_network(netzwerk, course_id) for netzwerk in file.netzwerk),
        *(Group(course_id=course_id, number=g.nummer, topic=g.thema) for g in file.projektgruppe),
        *(
            Person(
                course_id=course_id,
                key=p.id,
                display=p.anzeige,
                network=p.netzwerk,
                mxid=p.mxid or None,
                status=p.status,
                group=p.gruppe,
            )
            for p in file.person
        ),
    ]


def _network(netzwerk: Netzwerk, course_id: int) -> Network:
    counts = netzwerk.partner.model_dump(exclude={"sonstige", "quelle"})
    return Network(
        course_id=course_id,
        key=netzwerk.id,
        name=netzwerk.name,
        short=netzwerk.kurz or netzwerk.name,
        kind=netzwerk.typ,
        state=netzwerk.land,
        area=netzwerk.raum,
        structure=netzwerk.struktur,
        host=netzwerk.traeger,
        host_text=netzwerk.traeger_text,
        since=netzwerk.seit,
        status=netzwerk.status,
        partners=counts,
        other_partners=netzwerk.partner.sonstige,
        offers=netzwerk.bietet,
        needs=netzwerk.sucht,
        sentence=netzwerk.satz,
    )


def _election(file: CourseFile, course_id: int) -> list[Base]:
    topics = [
        Topic(
            course_id=course_id,
            key=t.id,
            number=t.nummer,
            title=t.titel,
            short=t.kurz or t.titel,
            speaker=t.referent,
        )
        for t in file.wahlthema
    ]
    return [*topics, *([_poll(file.wahl, file, course_id)] if file.wahl else [])]


def _poll(wahl: Wahl, file: CourseFile, course_id: int) -> Poll:
    return Poll(
        course_id=course_id,
        key=wahl.id,
        question=wahl.frage,
        slots=wahl.plaetze,
        procedure=wahl.verfahren,
        votes_per_person=_votes(wahl, len(file.wahlthema)),
        opens=_utc(wahl.offen_ab, file),
        closes=_utc(wahl.schluss, file),
        reminders=[_utc(m, file).isoformat() for m in wahl.erinnerung_an_nichtwaehler],
        interim_visible=wahl.zwischenstand_sichtbar,
        tie=wahl.gleichstand,
        minimum=wahl.mindestbeteiligung,
        confirm_by=wahl.referent_bestaetigt_bis,
    )


def _votes(wahl: Wahl, topics: int) -> int:
    """Who approves may do so as often as there are topics, unless the organisers want less."""
    unlimited = wahl.verfahren == APPROVAL and "stimmen_pro_person" not in wahl.model_fields_set
    return max(topics, 1) if unlimited else wahl.stimmen_pro_person


def _rule(regel: Regel, course_id: int) -> Rule:
    return Rule(
        course_id=course_id,
        key=regel.id,
        room=regel.raum,
        push=regel.art == "text",
        weekday=regel.wochentag,
        days=regel.relativ_tage,
        minutes=regel.relativ_minuten,
        minutes_after_end=regel.relativ_ende_minuten,
        clock=regel.uhr,
        trigger=regel.ausloeser,
        until_start=regel.verfaellt_bei_beginn,
        checkin_from=regel.checkin_von_minuten,
        checkin_until=regel.checkin_bis_minuten,
    )


def _attendance(file: CourseFile, course_id: int) -> list[Base]:
    """Confirmed meetings count in full for everybody who has not left, but for what is listed."""
    units = {t.id: t.ue for t in file.termin}
    here = [p.id for p in file.person if p.status != "ausgeschieden"]
    full = {(p, m): units[m] for m in file.anwesenheit.bestaetigt_termine for p in here}
    given = full | {(a.person, a.termin): a.ue for a in file.anwesenheit.abweichung}
    return [
        Attendance(course_id=course_id, person=person, meeting=meeting, units=attended)
        for (person, meeting), attended in given.items()
    ]
