"""What may not go in or come out: `screen_text` and `screen_image`, each giving a `Verdict`.

Screening fails closed: whatever keeps a detector from a complete answer raises
`sluice.errors.ScreeningUnavailable`; nothing of that kind ever becomes an allow.
"""

from sluice.moderation.policy import VERSION as POLICY_VERSION
from sluice.moderation.screen import MAX_TEXT_CHARS, screen_image, screen_text
from sluice.moderation.verdict import Finding, S3Image, Source, Verdict, joined

__all__ = [
    "MAX_TEXT_CHARS",
    "POLICY_VERSION",
    "Finding",
    "S3Image",
    "Source",
    "Verdict",
    "joined",
    "screen_image",
    "screen_text",
]
