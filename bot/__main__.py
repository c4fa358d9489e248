"""The command line: `kursbot check`, `demo`, `import`, `recovery-key`, `rehearse`, …"""

import importlib
import os
import resource

import click

VERBS = {
    "backup": "bot.backup.saving",
    "check": "bot.checking",
    "demo": "bot.demo.show",
    "import": "bot.importing",
    "recovery-key": "bot.recovery_key",
    "rehearse": "bot.rehearsing",
    "restore": "bot.backup.restoring",
    "run": "bot.running",
    "setup": "bot.setup.verb",
}
"""What one can do, and the module whose `verb` does it; only that one is loaded."""


class Verbs(click.Group):
    """Loads a verb when it is called, so that the service carries nothing it does not need."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All verbs."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb of this name."""
        if cmd_name not in VERBS:
            return None
        command: click.Command = importlib.import_module(VERBS[cmd_name]).verb
        return command


@click.command(cls=Verbs, help="Kursbot begleitet einen Lehrgang im Matrix-Chat.")
@click.version_option(
    package_name="kursbot", message="Kursbot %(version)s", help="Nennt die Version."
)
def main() -> None:
    """Whatever a verb writes, it holds what people said: for nobody else to read.

    So does its memory, of which nothing is written where it crashes or the watchdog ends it.
    """
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main(prog_name="kursbot")
