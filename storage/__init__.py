"""The course: its facts, the rules about them, and what must not be forgotten.

Statements that every message needs are built once: that takes longer than running them.
"""
