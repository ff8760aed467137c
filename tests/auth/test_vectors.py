"""Examples that others published, through the product's own functions: what they prove here, and
what must prove nothing."""

import base64
import json
from typing import Any

import pytest
from argon2 import low_level
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from functions.auth.passwords.rules import is_right
from functions.auth.providers.id_tokens import Expected, check, signed_claims
from sluice import clock
from sluice.errors import Unauthenticated

PAYLOAD = (
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
)

# RFC 7515, appendix A.2
RSA_KEY: dict[str, str | list[str]] = {
    "kty": "RSA",
    "n": (
        "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJ"
        "PMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0"
        "LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uD"
        "Zlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2"
        "PAcDTW9gb54h4FRWyuXpoQ"
    ),
    "e": "AQAB",
}
RSA_SIGNATURE = (
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5ju"
    "jGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07"
    "Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipU"
    "TI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
)
RSA_TOKEN = f"eyJhbGciOiJSUzI1NiJ9.{PAYLOAD}.{RSA_SIGNATURE}"

OTHERS: dict[str, tuple[Any, str]] = {
    "RFC 7515 A.1 and RFC 7519 3.1, HS256": (
        {
            "kty": "oct",
            "k": (
                "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3"
                "Yj0iPS4hcgUuTwjAzZr1Z9CAow"
            ),
        },
        (
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
            f"{PAYLOAD}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        ),
    ),
    "RFC 7515 A.4, ES512": (
        {
            "kty": "EC",
            "crv": "P-521",
            "x": (
                "AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ"
                "6OvLFV1jSfS9tsz4qUxcWceqwQGk"
            ),
            "y": (
                "ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79a"
                "jL4Kkd0AZMaZmh9ubmf63e3kyMj2"
            ),
        },
        (
            "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA."
            "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-"
            "mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8G"
            "aSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNNmxYbSW9ERBXukOXolLzeO_Jn"
        ),
    ),
    "RFC 7515 A.5 and RFC 7519 6.1, unsecured": (RSA_KEY, f"eyJhbGciOiJub25lIn0.{PAYLOAD}."),
    "RFC 8037 A.4, EdDSA": (
        {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
        (
            "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
        ),
    ),
}

EXPECTED = Expected("https://issuer.example", "client", "nonce")
KEY = ECKey.generate_key("P-256", {"kid": "one"})
KEYS: dict[str, Any] = dict(KeySet([KEY]).as_dict(private=False))


def claims() -> dict[str, Any]:
    now_s = clock.now_s()
    said = {"iss": EXPECTED.issuer, "aud": EXPECTED.client, "nonce": EXPECTED.nonce, "sub": "ada"}
    return said | {"iat": now_s, "exp": now_s + 300}


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


def signed(header: dict[str, Any], payload: str, key: ECKey = KEY) -> str:
    """By hand, since the library would not sign some of it; `payload` goes as it is."""
    text = f"{encoded(json.dumps({'alg': 'ES256', 'kid': 'one'} | header).encode())}.{payload}"
    private = key.get_op_key("sign")
    assert isinstance(private, EllipticCurvePrivateKey)
    r, s = decode_dss_signature(private.sign(text.encode(), ECDSA(SHA256())))
    return f"{text}.{encoded(r.to_bytes(32) + s.to_bytes(32))}"


def test_the_rs256_example_is_right_and_an_altered_one_is_not() -> None:
    keys = {"keys": [RSA_KEY]}

    assert signed_claims(RSA_TOKEN, keys)["iss"] == "joe"
    with pytest.raises(Unauthenticated):
        signed_claims(RSA_TOKEN.replace(".cC", ".cD"), keys)


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_rightly_signed_by_another_algorithm_proves_nothing(name: str) -> None:
    key, token = OTHERS[name]

    with pytest.raises(Unauthenticated):
        signed_claims(token, {"keys": [key]})


def test_a_public_key_is_no_shared_secret() -> None:
    public = RSAKey.import_key(RSA_KEY)
    keys = {"keys": [RSA_KEY | {"kid": "one"}]}

    for secret in (public.as_pem(private=False), json.dumps(RSA_KEY).encode()):
        shared = OctKey.import_key(base64.urlsafe_b64encode(secret).decode())
        confused = jwt.encode({"alg": "HS256", "kid": "one"}, claims(), shared)
        with pytest.raises(Unauthenticated):
            check(confused, keys, EXPECTED)


def test_a_header_that_we_do_not_know_or_that_brings_its_own_key_proves_nothing() -> None:
    thief = ECKey.generate_key("P-256")
    payload = encoded(json.dumps(claims()).encode())
    assert check(signed({}, payload), KEYS, EXPECTED)["sub"] == "ada"

    for token in (
        signed({"crit": ["unheard-of"], "unheard-of": 1}, payload),
        signed({"crit": []}, payload),
        signed({"crit": ["kid"]}, payload),
        signed({"b64": False, "crit": ["b64"]}, json.dumps(claims())),
        signed({"kid": "two"}, payload),
        signed({"jwk": thief.as_dict(private=False)}, payload, thief),
    ):
        with pytest.raises(Unauthenticated):
            check(token, KEYS, EXPECTED)


def test_of_a_claim_that_comes_twice_the_last_counts() -> None:
    """RFC 7519, section 4: refuse them, or take the last."""
    text = json.dumps(claims())
    twice = text.removesuffix("}") + ', "aud": "another"}'

    with pytest.raises(Unauthenticated):
        check(signed({}, encoded(twice.encode())), KEYS, EXPECTED)


@pytest.mark.parametrize(
    "hashed",
    [
        "m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
        "m=65536,t=1,p=1$c29tZXNhbHQ$9qWtwbpyPd3vm1rB1GThgPzZ3/ydHL92zKL+15XZypg",
    ],
)
def test_hashes_of_argon2s_own_authors_are_recognized(hashed: str) -> None:
    kept = f"$argon2id$v=19${hashed}"

    assert is_right("password", kept)
    assert not is_right("Password", kept)


def test_the_library_hashes_as_rfc_9106_says() -> None:
    """Section 5.3; a secret and data beside it are in the example alone."""
    ffi = low_level.ffi
    out = ffi.new("uint8_t[]", 32)
    parts = [
        ffi.new("uint8_t[]", bytes([value]) * size)
        for value, size in ((1, 32), (2, 16), (3, 8), (4, 12))
    ]
    password, salt, secret, data = parts
    context = ffi.new(
        "argon2_context *",
        {"out": out, "outlen": 32, "pwd": password, "pwdlen": 32, "salt": salt, "saltlen": 16}
        | {"secret": secret, "secretlen": 8, "ad": data, "adlen": 12, "t_cost": 3, "m_cost": 32}
        | {"lanes": 4, "threads": 4, "version": 0x13, "flags": 0}
        | {"allocate_cbk": ffi.NULL, "free_cbk": ffi.NULL},
    )

    assert low_level.core(context, low_level.Type.ID.value) == 0

    tag = bytes(ffi.buffer(out)).hex()
    assert tag == "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"
