"""ID tokens: what proves somebody, and all that does not."""

from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey

from functions.auth.providers.id_tokens import Expected, check, signed_claims
from sluice import clock
from sluice.errors import Unauthenticated

KEY = ECKey.generate_key("P-256", {"kid": "one"})
KEYS: dict[str, Any] = dict(KeySet([KEY]).as_dict(private=False))
EXPECTED = Expected("https://issuer.example", "client", "nonce")

# RFC 7515, appendix A.3
RFC_KEY = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}
RFC_TOKEN = (
    "eyJhbGciOiJFUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
)


def claims(**other: Any) -> dict[str, Any]:
    now_s = clock.now_s()
    return {
        "iss": EXPECTED.issuer,
        "aud": EXPECTED.client,
        "sub": "ada",
        "nonce": EXPECTED.nonce,
        "iat": now_s,
        "exp": now_s + 300,
    } | other


def sign(said: dict[str, Any], key: ECKey = KEY) -> str:
    return jwt.encode({"alg": "ES256", "kid": "one"}, said, key)


def test_a_token_for_this_attempt_proves_its_subject() -> None:
    assert check(sign(claims()), KEYS, EXPECTED)["sub"] == "ada"


def test_the_signature_of_the_specification_is_right_and_an_altered_one_is_not() -> None:
    keys = {"keys": [RFC_KEY]}

    assert signed_claims(RFC_TOKEN, keys)["iss"] == "joe"
    with pytest.raises(Unauthenticated):
        signed_claims(RFC_TOKEN.replace(".Dt", ".Du"), keys)


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://issuer.example/"},
        {"aud": "another"},
        {"aud": ["client", "another"]},
        {"azp": "another"},
        {"nonce": "of another attempt"},
        {"nonce": None},
        {"exp": 1},
        {"exp": "9999999999"},
        {"iat": 9999999999},
        {"sub": ""},
        {"sub": 7},
        {"sub": "a" * 256},
    ],
)
def test_a_token_that_says_anything_else_proves_nothing(wrong: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        check(sign(claims(**wrong)), KEYS, EXPECTED)


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c", "é.é.é", "x" * 20_000])
def test_nonsense_proves_nothing(token: str) -> None:
    with pytest.raises(Unauthenticated):
        check(token, KEYS, EXPECTED)


def test_neither_another_key_nor_a_shared_secret_nor_no_signature_signs() -> None:
    shared = OctKey.import_key("a secret of more than fourteen bytes")
    unsigned = "eyJhbGciOiJub25lIn0." + sign(claims()).split(".")[1] + "."
    both = {"keys": [*KEYS["keys"], shared.as_dict() | {"kid": "two"}]}

    for token in (
        sign(claims(), ECKey.generate_key("P-256")),
        jwt.encode({"alg": "HS256", "kid": "two"}, claims(), shared),
        unsigned,
    ):
        with pytest.raises(Unauthenticated):
            check(token, both, EXPECTED)
