"""The edition of the specification, by which clauses are cited. docs/cite.md says what it means, docs/spec/changes.md what changed."""

EDITION = "2026.11"
"""Year and month. A clause of an edition means the same in every later one, or is superseded there by another."""
