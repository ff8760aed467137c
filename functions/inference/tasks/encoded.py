"""Files in an input: base64, a data URL, or `upload:{id}`."""

import base64
from typing import Final

from functions.inference.uploads import service as uploads
from sluice.errors import InvalidInput

UPLOAD: Final = "upload:"


def read(given: str, account: str, *, fault: str) -> bytes:
    """The bytes that `given` means. Raises InvalidInput with the code `fault`, or NotFound for an
    upload that is not the account's."""
    if given.startswith(UPLOAD):
        return uploads.read(given.removeprefix(UPLOAD), account)
    text = given.partition(",")[2] if given.startswith("data:") else given
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise InvalidInput("The file is not valid base64.", code=fault) from error
