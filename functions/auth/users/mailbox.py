"""E-mail addresses: as login identities, and as mailboxes of people.

Two spellings may reach one mailbox, yet they are two logins: merging them would let whoever owns
one spelling take the other's account. The mailbox only tells that one person asks twice.
"""

from email_validator import EmailNotValidError, validate_email

from functions.auth.digests import digest
from sluice.errors import InvalidInput

MAX_EMAIL_CHARS = 254  # RFC 5321, 4.5.3.1.3: a path of 256 octets, with its angle brackets
_GMAIL = {"gmail.com", "googlemail.com"}


def parse(text: str) -> str:
    """The login identity: lower case, an international domain in ASCII. Raises InvalidInput.

    Only ASCII is taken before the @, since look-alike letters would be other logins to us and the
    same one to a person. No DNS is asked."""
    try:
        found = validate_email(text, check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError as error:
        raise _invalid(str(error)) from None
    identity = f"{found.local_part}@{found.ascii_domain}".lower()
    if len(identity) > MAX_EMAIL_CHARS:
        raise _invalid(f"It may have {MAX_EMAIL_CHARS} characters.")
    return identity


def login_of(identity: str) -> str:
    return digest("login", identity)


def person_of(identity: str) -> str:
    """A keyed digest that all spellings of one mailbox share: without a `+tag`, and for Gmail
    without dots and under one domain."""
    local, _, domain = identity.partition("@")
    local = local.partition("+")[0] or local
    if domain in _GMAIL:
        local, domain = local.replace(".", ""), "gmail.com"
    return digest("person", f"{local}@{domain}")


def _invalid(message: str) -> InvalidInput:
    return InvalidInput(
        "This is no e-mail address that we can write to.",
        code="invalid_email",
        errors=[{"pointer": "/body/email", "message": message}],
    )
