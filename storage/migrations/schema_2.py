"""Schema 2: drafted, see `storage/migrations/__init__.py`."""


def upgrade() -> None:
    """From schema 1."""
    pass
