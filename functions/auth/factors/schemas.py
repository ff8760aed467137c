"""What the routes of second factors take and answer."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from functions.auth.factors.proof import Proof
from functions.auth.users.schemas import Body

MAX_CREDENTIAL_FIELDS = 10
MAX_ID_CHARS = 64

Code = Annotated[str, Field(pattern=r"^[0-9]{6}$", examples=["403188"])]
Credential = Annotated[
    dict[str, Any],
    Field(
        max_length=MAX_CREDENTIAL_FIELDS,
        description="The browser's `PublicKeyCredential`, by its `toJSON()`.",
        examples=[{"id": "AZ…", "rawId": "AZ…", "type": "public-key", "response": {}}],
    ),
]
CeremonyId = Annotated[str, Field(max_length=MAX_ID_CHARS, examples=["cer_06bq1c8d4h2m0t9k3v5r"])]


class Answer(Body):
    """A passkey's answer to the ceremony whose options it was asked with."""

    ceremony: CeremonyId
    credential: Credential


class SecondFactor(Body):
    """Exactly one of the three."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "403188"}]})

    code: Code | None = Field(default=None, description="What the authenticator app shows.")
    recovery_code: str | None = Field(
        default=None, max_length=40, examples=["7k3vd-0m9q2-xn4bh-e8rtz"]
    )
    passkey: Answer | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if len([each for each in self.given() if each is not None]) != 1:
            raise ValueError("Give exactly one of code, recovery_code and passkey.")
        return self

    def given(self) -> tuple[object, ...]:
        return self.code, self.recovery_code, self.passkey

    def proof(self) -> Proof:
        if self.passkey:
            return Proof(ceremony=self.passkey.ceremony, credential=self.passkey.credential)
        return Proof(self.code, self.recovery_code)


class Factor(BaseModel):
    id: str = Field(examples=["fct_06bq1c8d4h2m0t9k3v5r7n1p2s"])
    kind: Literal["totp", "passkey"]
    name: str = Field(examples=["Ada's phone"])
    created_at: str = Field(examples=["2026-11-26T12:00:00.000Z"])
    used_at: str | None = Field(examples=[None])


class Factors(BaseModel):
    data: list[Factor]
    recovery_codes_left: int = Field(examples=[10])


class Seed(BaseModel):
    """Shown this once."""

    secret: str = Field(description="For typing.", examples=["JBSWY3DPEHPK3PXP…"])
    uri: str = Field(description="For a QR code.", examples=["otpauth://totp/Sluice:ada…"])


class Confirmation(Body):
    code: Code


class NewPasskey(Answer):
    name: str = Field(
        default="Passkey",
        min_length=1,
        max_length=100,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        examples=["Ada's phone"],
    )


class Added(BaseModel):
    id: str = Field(examples=["fct_06bq1c8d4h2m0t9k3v5r7n1p2s"])
    recovery_codes: list[str] = Field(
        description="Ten with the first factor, shown this once; none with further ones.",
        examples=[["7k3vd-0m9q2-xn4bh-e8rtz"]],
    )


class RecoveryCodes(BaseModel):
    recovery_codes: list[str] = Field(examples=[["7k3vd-0m9q2-xn4bh-e8rtz"]])


class Ceremony(BaseModel):
    ceremony: str = Field(examples=["cer_06bq1c8d4h2m0t9k3v5r7n1p2s"])
    options: dict[str, Any] = Field(
        description="For `PublicKeyCredential.parseCreationOptionsFromJSON` or "
        "`parseRequestOptionsFromJSON`.",
        examples=[{"challenge": "3q2-7w…", "rpId": "example.com"}],
    )
