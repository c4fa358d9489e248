"""Ask the operator, or take what was given instead of an answer; a wrong one is asked for again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import click

from bot.terminal import EXIT_CONFIG, Stop

T = TypeVar("T")


class Mistake(Exception):
    """The answer cannot be used; the text says why, to people."""


@dataclass
class Dialogue:
    """`given` are answers by the names of their options; who `asks` nothing ends at a mistake."""

    given: Mapping[str, str]
    asks: bool
    _used: set[str] = field(default_factory=set)

    def answer(
        self,
        name: str,
        question: str,
        attempt: Callable[[str], T],
        *,
        default: str = "",
        hidden: bool = False,
    ) -> T:
        """What `attempt` makes of the first answer that it does not call a `Mistake`."""
        while True:
            try:
                return attempt(self._said(name, question, default, hidden))
            except Mistake as mistake:
                self.wrong(name, mistake)

    def wrong(self, name: str, mistake: Mistake) -> None:
        """Say what is wrong; the end of it where nobody can be asked."""
        if not self.asks:
            raise Stop(f"--{name}: {mistake}", EXIT_CONFIG)
        click.echo(f"  {mistake}")

    def yes(self, question: str, *, default: bool) -> bool:
        """Whether the operator says yes; where nobody can be asked, no."""
        if not self.asks:
            return False
        prompt = f"{question} ({'Ja/nein' if default else 'ja/Nein'})"
        said = str(click.prompt(prompt, default="", show_default=False))
        return said.strip().lower() in ("j", "ja", "y", "yes") if said.strip() else default

    def _said(self, name: str, question: str, default: str, hidden: bool) -> str:
        given = self.given.get(name)
        if given is not None and name not in self._used:
            self._used.add(name)
            return given.strip()
        if not self.asks:
            if default:
                return default
            raise Stop(f"--{name} fehlt: {question}", EXIT_CONFIG)
        shown = f"{question} [{default}]" if default else question
        said = str(click.prompt(shown, default="", show_default=False, hide_input=hidden))
        return said.strip() or default
