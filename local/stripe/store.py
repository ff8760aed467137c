"""The double's objects: plain mappings by their ids, kept in one SQLite file.

Fields that begin with an underscore are the double's own and are told to nobody. Each request's
changes are written in one transaction, so that a killed double is as it was after some request.
"""

import json
import secrets
import sqlite3
import string
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from local.stripe import shapes
from local.stripe.errors import missing

type Object = dict[str, Any]

ID_CHARS = 24
MAX_PAGE = 100
DEFAULT_PAGE = 10
_ALPHABET = string.ascii_letters + string.digits


class Store:
    def __init__(self, file: Path | None) -> None:
        """`file` is made when it is not there; without it nothing outlives the process."""
        self._objects: dict[str, Object] = {}
        self._dirty: dict[str, Object] = {}
        self._deleted: set[str] = set()
        self._journal = sqlite3.connect(file or ":memory:", check_same_thread=False)
        self._journal.execute("create table if not exists objects (id text primary key, body text)")
        for id_, body in self._journal.execute("select id, body from objects order by rowid"):
            self._objects[id_] = json.loads(body)

    def add(self, kind: str, prefix: str, fields: Mapping[str, Any], now_s: int) -> Object:
        """A new object with all the fields that the official client's type of it has."""
        own = {"id": f"{prefix}_{_random()}", "object": kind, "created": now_s, "livemode": False}
        made: Object = shapes.complete(kind, own | dict(fields))
        self._objects[made["id"]] = self._dirty[made["id"]] = made
        return made

    def keep(self, kind: str, fields: Mapping[str, Any], now_s: int) -> None:
        """Something of the double's own, under the id that `fields` give."""
        kept: Object = {"object": kind, "created": now_s, **fields}
        self._objects[kept["id"]] = self._dirty[kept["id"]] = kept

    def change(self, thing: Object, **fields: Any) -> dict[str, Any]:
        """Gives the previous values of what changed, as events tell them."""
        previous = {
            name: thing.get(name)
            for name, value in fields.items()
            if thing.get(name) != value and not name.startswith("_")
        }
        thing.update(fields)
        self._dirty[thing["id"]] = thing
        return previous

    def remove(self, thing: Object) -> None:
        self._objects.pop(thing["id"], None)
        self._dirty.pop(thing["id"], None)
        self._deleted.add(thing["id"])

    def find(self, id_: str | None) -> Object | None:
        return self._objects.get(id_) if id_ else None

    def get(self, kind: str, id_: str, param: str = "id") -> Object:
        """Raises StripeError `resource_missing`, also for what is of another kind."""
        found = self._objects.get(id_)
        if found is None or found["object"] != kind:
            raise missing(kind, id_, param)
        return found

    def all(self, kind: str, where: Callable[[Object], bool] = lambda _: True) -> Iterator[Object]:
        """The newest first."""
        return (
            thing
            for thing in reversed(list(self._objects.values()))
            if thing["object"] == kind and where(thing)
        )

    def commit(self) -> None:
        with self._journal:
            self._journal.executemany(
                "insert into objects (id, body) values (?, ?) "
                "on conflict (id) do update set body = excluded.body",
                [(id_, json.dumps(thing)) for id_, thing in self._dirty.items()],
            )
            gone = [(id_,) for id_ in self._deleted]
            self._journal.executemany("delete from objects where id = ?", gone)
        self._dirty.clear()
        self._deleted.clear()

    def now_s(self, customer: str | None = None) -> int:
        """The time of the customer's test clock, if there is one."""
        owner = self.find(customer)
        clock = self.find(owner.get("test_clock")) if owner else None
        return int(clock["frozen_time"]) if clock else int(time.time())


def secret_of(id_: str) -> str:
    """A client secret, which a browser may know."""
    return f"{id_}_secret_{_random()}"


def _random() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(ID_CHARS))
