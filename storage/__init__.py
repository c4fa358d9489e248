"""The course: its facts, the rules about them, and what must not be forgotten."""
