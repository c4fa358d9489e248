"""`kursbot setup`: from an account on a homeserver to a bot that is ready to run."""
