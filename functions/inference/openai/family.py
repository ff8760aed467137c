"""The paths of OpenAI's family; importing them imports no route."""

PREFIXES = ("/openai/v1", "/v3/openai")
FAMILIES = ("/openai/", "/v3/openai/")
_FORMS = ("/audio/transcriptions", "/audio/translations", "/images/edits")
FORMS = frozenset(prefix + path for prefix in PREFIXES for path in _FORMS)
"""The paths that take files in forms."""
