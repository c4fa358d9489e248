"""What the documents say is true: commands, examples, settings, files and links."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import commands
from bot import __main__ as terminal
from bot.config import Config
from bot.router import Router
from deploy import data_catalogue
from storage import inbox
from storage.course_files.course_schema import CourseFile

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("deploy/*.md")])
GUIDE = ROOT / "deploy" / "HANDBUCH.md"
CODE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
SCENE = re.compile(r"<!-- (\w+), (\d{4}-\d\d-\d\d \d\d:\d\d) -->\n```text\n(.*?)```", re.S)
PLACES = {"Orga": "orga", "direkt": "direct"}
UPLOAD = re.compile(r"\((\S+) hochladen\)")
FILES = {
    "teilnehmende.csv": b"Kennung;Netzwerk;Konto\ntn18;Elbaue;@tn18:chat.example.org\n",
    "folien.pdf": b"%PDF-1.7",
    "zoom.csv": b"Teilnehmer;Minuten\nWattkante;92\ntn02;45\n",
}
REFUSALS = re.compile(r"So geht es:|kenne ich nicht|verstehe ich nicht|geht nicht|nur für die")
COMMANDS = commands.discover().values()


def snippets(page: Path) -> list[str]:
    """What is set as code: between backticks, or in blocks line by line."""
    text = page.read_text(encoding="utf-8").replace("\\\n", "")
    lines = [line for _, block in CODE.findall(text) for line in block.splitlines()]
    words = re.findall(r"`([^`]+)`", CODE.sub("", text))
    return [*lines, *(" ".join(code.split()) for code in words)]


def named(pattern: str, pages: list[Path] = PAGES) -> set[str]:
    """The first group wherever a piece of code begins like this."""
    found = [re.match(pattern, code) for page in pages for code in snippets(page)]
    return {match[1] for match in found if match}


async def test_every_example_of_the_guide_is_understood_and_not_refused(chat):
    """In the order of the page, in one course, typed by an organiser."""
    await chat.loads()
    text = GUIDE.read_text(encoding="utf-8")
    scenes = SCENE.findall(text)
    assert len(scenes) == text.count("```text")
    assert [moment for _, moment, _ in scenes] == sorted(moment for _, moment, _ in scenes)
    for place, moment, lines in scenes:
        chat.at(moment)
        for line in lines.splitlines():
            chat.now += timedelta(seconds=10)  # as fast as people may type
            if file := UPLOAD.fullmatch(line):
                await chat.uploads(file[1], FILES[file[1]])
                continue
            message = chat.message(line, "leitung-ihk", PLACES[place])
            answer = await chat.hears(message)
            assert answer, line
            async with chat.sessions() as db:
                assert await inbox.understood(db, message.event_id), (line, answer)
            assert not REFUSALS.search(answer) or line.startswith("!hilfe"), (line, answer)


def test_the_guide_tells_of_every_command_of_the_organisers():
    told = named(r"!(\w+)", [GUIDE])
    assert [c.name for c in COMMANDS if c.admin and not told & {c.name, *c.aliases}] == []


def test_every_command_named_exists():
    words = {word for command in COMMANDS for word in (command.name, *command.aliases)}
    assert named(r"!(\w+)") - words == {"gruss"}


async def test_the_command_in_the_readme_works(chat):
    module: dict[str, Any] = {}
    for kind, code in CODE.findall((ROOT / "README.md").read_text(encoding="utf-8")):
        if kind == "python":
            exec(code, module)
    chat.intake.router = Router({**commands.discover(), "gruss": module["gruss"]}, ["Kursbot"])
    await module["test_gruss"](chat)


def test_every_verb_and_option_of_the_command_line_exists():
    typed = re.compile(r"(?:^|/bin/| )(kursbot +[a-z][a-z-]*(?= |$).*?)(?:$| #)")
    lines = [found[1] for p in PAGES for c in snippets(p) if (found := typed.search(c))]
    assert len(lines) > 5
    for line in lines:
        _, verb, *words = line.split()
        assert verb in terminal.VERBS, line
        options = {f'"{word}"' for word in words if word.startswith("--")} - {'"--help"'}
        if options:  # looked up unloaded: some verbs need much
            module = ROOT / f"{terminal.VERBS[verb].replace('.', '/')}.py"
            source = module.read_text() + (ROOT / "bot" / "terminal.py").read_text()
            assert {option for option in options if option not in source} == set(), line


def test_every_verb_of_make_exists():
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.M))
    assert named(r"make (\w+)") - targets == set()


def test_every_setting_named_exists():
    sections = Config.__dataclass_fields__
    for name in named(rf"((?:{'|'.join(sections)})\.\w+)(?![\w./*])"):
        section, key = name.split(".")
        if key not in ("toml", "db", "py"):
            assert key in sections[section].type.__dataclass_fields__, name


def test_every_section_and_key_named_exists():
    """Of the settings or of a course file; schedules and tables are written like keys."""
    sections = {*Config.__dataclass_fields__, *CourseFile.model_fields}
    assert named(r"\[{1,2}(\w+)\]{1,2}$") - sections == set()
    sources = [
        ROOT / "bot" / "config.py",
        ROOT / "storage" / "catalogue.py",
        *ROOT.glob("storage/course_files/*.py"),
        *ROOT.glob("schedules/*.py"),
    ]
    known = {word for path in sources for word in re.findall(r"\w+", path.read_text("utf-8"))}
    assert named(r"([a-z]+(?:_[a-z]+)+)$") - known == set()


def test_every_file_named_exists():
    folders = "|".join(("bot", "commands", "schedules", "storage", "tests", "deploy"))
    for name in named(rf"((?:{folders})/[\w./-]*)"):
        assert (ROOT / name).exists(), name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for alt, target in re.findall(r"\[([^\]]*)\]\(([^)\s]+)\)", text):
        if target.startswith("https://"):
            continue
        file, _, place = target.partition("#")
        found = (page.parent / file).resolve() if file else page
        assert found.is_file(), target
        if found.suffix == ".png":
            assert len(alt) > 20, f"{target} needs words for those who do not see it"
            assert found.stat().st_size <= 200_000, target
        if place:
            assert place in headings(found), target


def headings(page: Path) -> set[str]:
    """The anchors of a page."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_picture_is_shown():
    pictures = {str(path.relative_to(GUIDE.parent)) for path in GUIDE.parent.rglob("*.png")}
    assert pictures - set(re.findall(r"\]\(([^)]+)\)", GUIDE.read_text())) == set()


def test_the_data_catalogue_is_fresh():
    page = data_catalogue.PAGE.read_text(encoding="utf-8")
    assert data_catalogue.written(page) == page, "make catalogue"
