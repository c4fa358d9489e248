"""The systemd unit of the bot: an account of its own that may do what it needs and nothing else.

`deploy/kursbot.service` is this one with the places of a system-wide installation.
"""

from dataclasses import dataclass
from pathlib import Path

HARDENED = """\
UMask=0077
ProtectSystem=strict
ProtectHome={home}
PrivateTmp=true
PrivateDevices=true
ProtectClock=true
ProtectControlGroups=true
ProtectHostname=true
ProtectKernelLogs=true
ProtectKernelModules=true
ProtectKernelTunables=true
ProtectProc=invisible
NoNewPrivileges=true
CapabilityBoundingSet=
LockPersonality=true
KeyringMode=private
RemoveIPC=true
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=true
RestrictRealtime=true
RestrictSUIDSGID=true
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM
MemoryMax=512M
"""

UNIT = """\
# systemd: /etc/systemd/system/kursbot.service
[Unit]
Description=Kursbot
Wants=network-online.target
After=network-online.target

[Service]
# Ready once it has read the rooms; for a homeserver that is away it waits by itself.
Type=notify
TimeoutStartSec=infinity
# Ended and begun anew after so long without a sign that it reads the rooms and the schedule.
WatchdogSec=300
User={user}
WorkingDirectory={folder}
ExecStart={command} run --config {config}
Restart=on-failure
RestartSec=5
# Settings, a second bot, a lost account, a newer database and lost keys need a human.
RestartPreventExitStatus=2 3 4 5 6
TimeoutStopSec=15
{places}
{hardened}
[Install]
WantedBy=multi-user.target
"""

SYSTEM_WIDE = """\
# Makes /var/lib/kursbot, to be named in config.toml as data.folder.
StateDirectory=kursbot
StateDirectoryMode=0700
# Secrets, each in a file of its own that only root can read: they win over config.toml.
LoadCredential=matrix.access_token:/etc/kursbot/matrix.access_token
"""


@dataclass(frozen=True)
class Unit:
    """Who runs what, and where; `places` are lines on what may be read and written."""

    user: str
    command: Path
    config: Path
    folder: Path
    places: str

    def __str__(self) -> str:
        """The unit, ready to be installed."""
        at_home = any(str(p).startswith(("/home/", "/root/")) for p in (self.folder, self.command))
        return UNIT.format(
            user=self.user,
            folder=_escaped(self.folder),
            command=_word(self.command),
            config=_word(self.config),
            places=self.places.strip(),
            hardened=HARDENED.format(home="read-only" if at_home else "true"),
        )


def system_wide() -> Unit:
    """As the folder `deploy` has it."""
    command, config = Path("/opt/kursbot/bin/kursbot"), Path("/etc/kursbot/config.toml")
    return Unit("kursbot", command, config, Path("/var/lib/kursbot"), SYSTEM_WIDE)


def writable(data: Path) -> str:
    """The data folder may be written."""
    return f"ReadWritePaths={_word(data)}"


def _escaped(path: Path) -> str:
    """A percent sign begins a specifier (systemd.unit(5))."""
    return str(path).replace("%", "%%")


def _word(path: Path) -> str:
    """One word on a command line or in a list of paths (systemd.syntax(7))."""
    text = _escaped(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"' if any(c.isspace() or c in "\"'\\$" for c in text) else text
