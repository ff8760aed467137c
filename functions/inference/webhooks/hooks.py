"""An account's webhooks: one item of the jobs table, whose keys are in `store.py`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

from boto3.dynamodb.conditions import Attr

from functions.inference.settings import settings
from functions.inference.webhooks.signing import SigningSecret
from sluice.errors import NotFound
from sluice.table import Item, Table, Write, absent


@dataclass(frozen=True, slots=True)
class Webhook:
    """One of an account's: where its events go. `secret_version` counts rotations; `confirmed_ms`
    is when its owner last moved or enabled it."""

    id: str
    url: str
    events: tuple[str, ...]
    description: str
    created_ms: int
    enabled: bool = True
    disabled_reason: str | None = None
    secret_version: int = 1
    rotated_ms: int = 0
    confirmed_ms: int = 0

    def wants(self, event: str) -> bool:
        return self.enabled and (not self.events or event in self.events)

    @property
    def secret(self) -> SigningSecret:
        return SigningSecret(self.id, self.secret_version, self.rotated_ms)


@dataclass(frozen=True, slots=True)
class Hooks:
    """All of an account's webhooks by id, and its default secret for the URLs of single jobs.
    `version` is the item's, 0 when there is none yet."""

    account: str
    version: int = 0
    webhooks: Mapping[str, Webhook] = field(default_factory=dict)
    default_version: int = 0
    default_rotated_ms: int = 0

    @property
    def default_secret(self) -> SigningSecret:
        return SigningSecret(self.account, self.default_version, self.default_rotated_ms)

    def get(self, webhook_id: str) -> Webhook:
        """Raises NotFound; a foreign one is none of the account's either."""
        webhook = self.webhooks.get(webhook_id)
        if webhook is None:
            raise NotFound(f"You have no webhook {webhook_id[:40]!r}.", code="webhook_not_found")
        return webhook

    def having(self, webhook: Webhook) -> "Hooks":
        return replace(self, webhooks={**self.webhooks, webhook.id: webhook})


class HooksChanged(Exception):
    """Somebody changed the account's webhooks meanwhile."""


def _table() -> Table:
    return Table(settings().jobs_table)


def get_hooks(account: str) -> Hooks:
    item = _table().find(f"HOOKS#{account}", "HOOKS")
    if item is None:
        return Hooks(account)
    fields = {name: item[name] for name in Hooks.__slots__ if name in item}
    fields["webhooks"] = {
        webhook_id: _webhook(webhook) for webhook_id, webhook in item["webhooks"].items()
    }
    return Hooks(**fields)


def _webhook(item: Item) -> Webhook:
    fields = {name: item[name] for name in Webhook.__slots__ if name in item}
    return Webhook(**fields | {"events": tuple(item["events"])})


def save(hooks: Hooks) -> Write:
    """Put them in the place of the version they were read as; raises HooksChanged."""
    item = asdict(hooks) | {"version": hooks.version + 1}
    item["webhooks"] = {
        webhook_id: {name: value for name, value in fields.items() if value is not None}
        for webhook_id, fields in item["webhooks"].items()
    }
    return _table().put(
        {"pk": f"HOOKS#{hooks.account}", "sk": "HOOKS"} | item,
        when=Attr("version").eq(hooks.version) if hooks.version else absent(),
        refused=lambda old: HooksChanged(hooks.account),
    )


def disable(account: str, webhook_id: str, reason: str) -> Write:
    """Send it nothing any more; raises NotFound when it is gone."""
    path = ("webhooks", webhook_id)
    return _table().update(
        f"HOOKS#{account}",
        "HOOKS",
        set_={(*path, "enabled"): False, (*path, "disabled_reason"): reason},
        add={"version": 1},
        when=Attr(f"webhooks.{webhook_id}").exists(),
        refused=lambda old: NotFound("The webhook is gone.", code="webhook_not_found"),
    )
