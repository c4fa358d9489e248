"""A homeserver, a course and the bot on one machine, in one command."""
