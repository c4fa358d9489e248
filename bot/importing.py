"""`kursbot import`: bring a course file into the database, as a difference."""

import asyncio
from pathlib import Path

import click
from sqlalchemy.exc import OperationalError

import schedules
from bot.app import clock
from bot.config import Config
from bot.terminal import Stop, settings, with_config
from storage import courses, database, occurrences
from storage.course_files import course_file, imports
from storage.course_files.course_file import CourseFile, Faulty
from storage.course_files.imports import Result


@click.command(name="import", help="Liest einen Kurs ein oder übernimmt seine Änderungen.")
@click.argument("course", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Nur sagen, was sich ändern würde.")
@with_config
def verb(course: Path, dry_run: bool, path: Path | None) -> None:
    """Say every mistake of the file, or what it changes."""
    config = settings(path, speaks=False)
    try:
        result = asyncio.run(apply(config, read(course), dry_run))
    except Faulty as error:
        raise Stop(f"Nichts wurde gespeichert, {course} hat {mistakes(error)}") from error
    except OperationalError as error:
        raise Stop(f"Nichts wurde gespeichert: {error.orig}") from error
    for line in result.changes or ["Keine Änderungen."]:
        click.echo(line)
    for note in result.notes:
        click.echo(f"Hinweis: {note}")
    if dry_run:
        click.echo("Nur geprüft, nichts gespeichert.")


def read(course: Path) -> CourseFile:
    """The course of this file. Raises `Faulty` and `OSError`."""
    return understood(course.read_bytes())


def understood(data: bytes) -> CourseFile:
    """The course that the content of a file describes. Raises `Faulty`."""
    rules = {name.replace("_", "-") for name in schedules.discover()} | {"material"}
    return course_file.read(data, rules)


def mistakes(error: Faulty) -> str:
    """How many there are, and each of them."""
    lines = "\n".join(f"- {problem}" for problem in error.problems)
    count = len(error.problems)
    return f"{'einen' if count == 1 else count} Fehler:\n{lines}"


async def apply(config: Config, file: CourseFile, dry_run: bool = False) -> Result:
    """Everything in one transaction, and none of it in a dry run."""
    config.data.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    async with database.opened(config.database_url) as sessions, sessions.begin() as db:
        now = clock()
        result = await imports.apply(db, file, now)
        course = await courses.by_key(db, file.kurs.id)
        assert course is not None
        await occurrences.plan(db, course, now)
        if dry_run:
            await db.rollback()
        return result
