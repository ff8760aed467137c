"""Logs carry ids, and nothing that opens a door or names a person."""

from io import StringIO

from botocore.exceptions import ClientError

from sluice import aws as product_aws
from sluice.log import logger
from tests.auth.conftest import PASSWORD, Person
from tests.stage import Stage


def test_no_password_code_key_token_or_address_of_mail_is_logged(
    ada: Person, logged: StringIO
) -> None:
    ada.sign_up()
    code = ada.code()
    ada.verify(code)
    ada.sign_in("a wrong one")
    ada.sign_in()
    key = ada.create_key().json["secret"]
    Person().send("GET", "/whoami", bearer=key)
    Person().send("GET", "/whoami", bearer=key[:-1])
    ada.sign_up(password="hunter2")
    logger.error("the last line")

    assert "the last line" in logged.getvalue()
    secrets = [PASSWORD, "a wrong one", "hunter2", code, key, *ada.cookies.values(), ada.email]
    assert [secret for secret in secrets if secret in logged.getvalue()] == []


def test_mail_that_is_refused_says_so_without_naming_the_address(
    ada: Person, logged: StringIO
) -> None:
    def refuse(**_: object) -> None:
        message = f"Email address is not verified: {ada.email}"
        raise ClientError({"Error": {"Code": "MessageRejected", "Message": message}}, "SendEmail")

    product_aws.client("sesv2").meta.events.register("before-call", refuse)

    answer = ada.sign_up()

    assert answer.status == 503
    assert "MessageRejected" in logged.getvalue()
    assert ada.email not in logged.getvalue()


def test_every_change_to_an_account_is_in_its_audit_log(user: Person, aws: Stage) -> None:
    key = user.create_key().json["id"]
    user.send("DELETE", f"/keys/{key}")
    user.send("POST", "/sign-out")

    entries = [item for item in aws.scan("accounts") if item["pk"].startswith("AUDIT#")]

    entries.sort(key=lambda entry: entry["sk"])
    assert [entry["action"] for entry in entries] == [
        "user.verified",
        "session.opened",
        "key.created",
        "key.revoked",
        "session.closed",
    ]
    assert all(e["address"] == "203.0.113.7" and e["request"] for e in entries)
