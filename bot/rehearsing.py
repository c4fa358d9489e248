"""`kursbot rehearse`: what the bot will say, or what a change of the course makes of it."""

import asyncio
from pathlib import Path

import click

import schedules
from bot import comparing, rehearsal
from bot.rehearsal import Said
from bot.terminal import Stop
from storage.course_files.course_file import Faulty

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command(name="rehearse", help="Spielt den ganzen Kurs durch und zeigt jeden Beitrag.")
@click.argument("course", type=FILE)
@click.option(
    "--against",
    type=FILE,
    help="Die geänderte Kursdatei: nur zeigen, welche Beiträge entfallen, dazukommen, anders sind.",
)
def verb(course: Path, against: Path | None) -> None:
    """Print every post of the course, or what is wrong with its file; or only the difference."""
    after = _played(against) if against else None
    before = _played(course)
    lines = rehearsal.printed(before) if after is None else comparing.printed(before, after)
    for line in lines:
        click.echo(line)


def _played(file: Path) -> list[Said]:
    try:
        return asyncio.run(rehearsal.rehearse(file.read_bytes(), schedules.discover()))
    except Faulty as error:
        lines = "\n".join(f"- {problem}" for problem in error.problems)
        raise Stop(f"{file} hat Fehler:\n{lines}") from error
