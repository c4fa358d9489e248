"""How the tables became what they are: one revision for each released schema.

`schema_1.py` is the first one, `schema_2.py` leads from it to the second, and so on. A database is
upgraded by the service itself when it starts (`storage/engine/upgrading.py`); a fresh one is
created from the models at once. Only the last revision, that of `storage.engine.schema.VERSION`,
may not be released yet, and it is never written by hand. Whoever has changed `storage/models`
drafts it anew:

    python -m storage.migrations

So is a merge conflict in it solved: merge the models, draft, commit. What a draft cannot know is
where data go: a new column that must not be empty starts with its default in the model, a renamed
one would be dropped and made empty, and the draft says so. `CHANGELOG.md` says what is released.
After a release, the first change of the models raises `VERSION` by one before the draft.
"""
