"""What the routes of API keys take and answer."""

from ipaddress import IPv6Network, ip_network
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from functions.auth.users.schemas import Body

MAX_NAME_CHARS = 100
MAX_MODELS = 20
MAX_MODEL_CHARS = 100
MAX_NETWORKS = 20
MAX_NETWORK_CHARS = 43
MAX_RATE = 100_000
MAX_OVERLAP_S = 7 * 24 * 3600

_MAPPED = IPv6Network("::ffff:0:0/96")

type KeyScope = Literal["inference", "inference:read", "billing:read", "content:read"]


def _network(text: str) -> str:
    """As it is usually written. Raises ValueError, also for an address beside its range, and for
    IPv4 written as IPv6, which no caller's address would be found in."""
    network = ip_network(text)
    if isinstance(network, IPv6Network) and network.subnet_of(_MAPPED):
        raise ValueError("Write IPv4 ranges as IPv4.")
    if "%" in text:
        raise ValueError("A range has no zone.")
    return str(network)


Network = Annotated[
    str, Field(min_length=2, max_length=MAX_NETWORK_CHARS), AfterValidator(_network)
]
Model = Annotated[str, Field(min_length=1, max_length=MAX_MODEL_CHARS)]


Name = Annotated[
    str,
    Field(
        min_length=1,
        max_length=MAX_NAME_CHARS,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        examples=["laptop"],
    ),
]


class Budget(Body):
    """What may be spent, held credit included; each call that would go beyond is refused."""

    usd: str = Field(
        pattern=r"^(0|[1-9][0-9]{0,5})(\.[0-9]{1,9})?$",
        description="Decimal US dollars.",
        examples=["25.00"],
    )
    period: Literal["month", "total"] = Field(
        description="A month of UTC's calendar, or once and for all.", examples=["month"]
    )


KeyRate = Annotated[int, Field(strict=True, ge=1, le=MAX_RATE, examples=[60])]


class NewKey(Body):
    name: Name = Field(description="What you will know it by; names need not be unique.")
    expires_at: AwareDatetime | None = Field(
        default=None,
        description="From when on it is refused (RFC 3339); without it the key does not expire.",
        examples=["2027-11-01T00:00:00Z"],
    )
    scopes: list[KeyScope] | None = Field(
        default=None,
        min_length=1,
        max_length=4,
        description="What it may do; without them all that you may and keys may have. Whoever may "
        "run models (`inference`) may read too.",
        examples=[["inference"]],
    )
    models: list[Model] | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_MODELS,
        description="The models that it may call; without them all, also those to come.",
        examples=[["smollm2-135m"]],
    )
    networks: list[Network] | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_NETWORKS,
        description="From where it may be used, in CIDR notation; without them from anywhere.",
        examples=[["192.0.2.0/24", "2001:db8::/32"]],
    )
    budget: Budget | None = Field(
        default=None, description="What it may spend; without one all that the account has."
    )
    rate_per_minute: KeyRate | None = Field(
        default=None,
        description="How many requests a minute it may make, of all models together, within what "
        "your tier may; without it that alone counts.",
    )


class KeyChange(Body):
    """What is left out stays as it is."""

    name: Name | None = Field(default=None, description="Another name.")
    budget: Budget | None = Field(default=None, description="Another budget; null for none.")
    rate_per_minute: KeyRate | None = Field(
        default=None, description="Another rate; null for the tier's alone."
    )


class Rotation(Body):
    overlap_s: int = Field(
        default=24 * 3600,
        ge=0,
        le=MAX_OVERLAP_S,
        description="How long the old key goes on, unless it expires before.",
        examples=[3600],
    )


class Key(BaseModel):
    id: str = Field(examples=["key_06bq1c8d4h2m0t9k3v5r7n1p2s"])
    name: str = Field(examples=["laptop"])
    prefix: str = Field(description="How the secret begins.", examples=["sk_0kWq7ZxY"])
    state: Literal["active", "expired", "revoked"] = Field(examples=["active"])
    scopes: list[str] = Field(
        examples=[["billing:read", "content:read", "inference", "inference:read"]]
    )
    made_by: str = Field(description="A user.", examples=["usr_06bq1c8d4h2m0t9k3v5r7n1p2s"])
    created_at: str = Field(examples=["2026-11-23T12:00:00.000Z"])
    expires_at: str | None = Field(examples=[None])
    models: list[str] | None = Field(
        description="The models that it may call; null for all.", examples=[None]
    )
    networks: list[str] = Field(
        description="From where it may be used; none for anywhere.", examples=[["192.0.2.0/24"]]
    )
    budget: Budget | None = Field(description="What it may spend.", examples=[None])
    rate_per_minute: int | None = Field(
        description="How many requests a minute it may make, of all models together.",
        examples=[None],
    )
    replaced_by: str | None = Field(
        description="The key that a rotation made in its place.", examples=[None]
    )


class CreatedKey(Key):
    secret: str | None = Field(
        description="The key itself, shown this once; null when the request was replayed.",
        examples=["sk_0kWq7ZxY…"],
    )


class Keys(BaseModel):
    data: list[Key]
    cursor: str | None = Field(description="Of the next page; null on the last.")
