"""Items, writes, pages and cursors, on the emulator's DynamoDB."""

import base64
import json
from decimal import Decimal

import pytest
from boto3.dynamodb.conditions import Attr

from sluice.errors import Conflict, InvalidInput
from sluice.table import MAX_PAGE, Item, Table, absent, decode, encode, exists, sort_key


class Stood(Exception):
    """A refusal that keeps what it was told."""

    def __init__(self, item: Item | None) -> None:
        super().__init__(item)
        self.item = item


def cursor_of(key: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def test_an_item_comes_back_as_it_was_written_without_its_nones(table: Table) -> None:
    item = {"pk": "a", "sk": "b", "n": 10**37, "list": [1, {"x": "ü"}], "flag": False}

    table.put(item | {"nothing": None}).send()

    assert table.find("a", "b") == item


def test_whole_numbers_are_int_and_nothing_is_rounded() -> None:
    decoded = decode({"n": {"N": "12345678901234567890123456789012345678"}, "s": {"N": "0.5"}})

    assert decoded == {"n": 12345678901234567890123456789012345678, "s": Decimal("0.5")}
    assert type(decoded["n"]) is int


def test_a_float_is_refused_before_it_can_become_money() -> None:
    with pytest.raises(TypeError):
        encode({"nanos": 0.1})


def test_a_refused_write_gives_the_item_as_it_stands_to_its_error(table: Table) -> None:
    table.put({"pk": "a", "sk": "b", "n": 1}).send()

    write = table.put({"pk": "a", "sk": "b", "n": 2}, when=absent(), refused=Stood)

    with pytest.raises(Stood) as refusal:
        write.send()
    assert refusal.value.item == {"pk": "a", "sk": "b", "n": 1}


def test_a_condition_on_what_does_not_exist_is_refused_with_nothing(table: Table) -> None:
    with pytest.raises(Stood) as refusal:
        table.update("a", "b", set_={"x": 1}, when=exists(), refused=Stood).send()

    assert refusal.value.item is None
    assert table.find("a", "b") is None


def test_an_update_sets_adds_removes_and_reaches_into_maps(table: Table) -> None:
    table.put({"pk": "a", "sk": "b", "n": 5, "map": {"x": 1}, "old": True, "size": 1}).send()

    # `size` and `status` are words of DynamoDB's own.
    after = table.update(
        "a",
        "b",
        set_={("map", "y"): 2, "status": "new"},
        add={"n": -3, "count": 1},
        remove=("old",),
        when=Attr("n").eq(5) & Attr("size").eq(1),
    ).send(returning="ALL_NEW")

    assert after == {
        "pk": "a",
        "sk": "b",
        "n": 2,
        "map": {"x": 1, "y": 2},
        "status": "new",
        "count": 1,
    } | {"size": 1}


def test_a_deletion_may_be_conditional(table: Table) -> None:
    table.put({"pk": "a", "sk": "b", "n": 1}).send()

    with pytest.raises(Conflict):
        table.delete(
            "a", "b", when=Attr("n").eq(2), refused=lambda _: Conflict("It changed.")
        ).send()
    table.delete("a", "b", when=Attr("n").eq(1), refused=lambda _: Conflict("It changed.")).send()

    assert table.find("a", "b") is None


def test_many_keys_are_read_at_once_and_none_is_no_call(table: Table) -> None:
    for n in range(5):
        table.put({"pk": "a", "sk": f"{n}"}).send()

    found = table.find_many([("a", "1"), ("a", "3"), ("a", "absent")])

    assert sorted(item["sk"] for item in found) == ["1", "3"]
    assert table.find_many([]) == []


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("index", [False, True])
def test_pages_join_to_the_whole_partition_in_order(
    table: Table, index: bool, newest_first: bool
) -> None:
    for n in range(7):
        table.put({"pk": "a", "sk": f"{n:02d}", "gsi1pk": "g", "gsi1sk": f"{n // 2:02d}"}).send()
        table.put({"pk": "z", "sk": f"{n}"}).send()

    seen, cursor = [], None
    for _ in range(10):
        page = table.query(
            "g" if index else "a", index=index, limit=3, cursor=cursor, newest_first=newest_first
        )
        seen += [item["sk"] for item in page.items]
        cursor = page.cursor
        if cursor is None:
            break

    assert sorted(seen) == [f"{n:02d}" for n in range(7)]
    if not index:
        assert seen == sorted(seen, reverse=newest_first)


def test_a_filtered_page_may_be_short_but_loses_nothing(table: Table) -> None:
    for n in range(9):
        table.put({"pk": "a", "sk": f"{n}", "n": n}).send()

    seen, cursor = [], None
    for _ in range(10):
        page = table.query("a", where=Attr("n").gte(7), limit=2, cursor=cursor)
        seen += [item["n"] for item in page.items]
        cursor = page.cursor
        if cursor is None:
            break

    assert seen == [7, 8]


def test_what_fits_is_counted_up_to_a_bound(table: Table) -> None:
    for number in range(7):
        table.put({"pk": "a", "sk": f"{number}"}).send()
    table.put({"pk": "b", "sk": "0"}).send()

    before = sort_key().lt("5")

    assert table.count("a", before, 10) == table.count("a", before, 5) == 5
    assert table.count("a", before, 4) is None
    assert table.count("a", sort_key().lt("0"), 4) == 0


def test_a_sort_key_bounds_a_page_and_a_limit_is_bounded(table: Table) -> None:
    for n in range(5):
        table.put({"pk": "a", "sk": f"LINE#{n}"}).send()
    table.put({"pk": "a", "sk": "BUCKET"}).send()

    lines = table.query("a", sk=sort_key().begins_with("LINE#"), limit=MAX_PAGE * 10)

    assert len(lines.items) == 5
    assert lines.cursor is None


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "%%%",
        "ü",
        "not base64!",
        cursor_of([]),
        cursor_of("text"),
        cursor_of(7),
        cursor_of(None),
        cursor_of({}),
        cursor_of({"pk": "a"}),
        cursor_of({"pk": "a", "sk": 5}),
        cursor_of({"pk": "a", "sk": None}),
        cursor_of({"pk": "a", "sk": ""}),
        cursor_of({"pk": "a", "sk": {"x": 1}}),
        cursor_of({"pk": "a", "sk": "1", "more": "x"}),
        cursor_of({"sk": "x" * 2000}),
        cursor_of({"sk": "\ud800"}),
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
        base64.urlsafe_b64encode(b'{"a":' * 5_000).decode(),
        base64.urlsafe_b64encode(b"9" * 10_000).decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    ],
)
def test_a_forged_cursor_is_refused_in_words(table: Table, forged: str) -> None:
    for n in range(3):
        table.put({"pk": "a", "sk": f"{n}"}).send()

    with pytest.raises(InvalidInput):
        table.query("a", cursor=forged, limit=1)


def test_a_cursor_forged_from_another_partition_shows_nothing_of_it(table: Table) -> None:
    for n in range(3):
        table.put({"pk": "mine", "sk": f"{n}", "gsi1pk": "ACCT#mine", "gsi1sk": f"{n}"}).send()
        table.put({"pk": "other", "sk": f"{n}", "gsi1pk": "ACCT#other", "gsi1sk": f"{n}"}).send()

    page = table.query("mine", cursor=cursor_of({"pk": "other", "sk": "0"}))
    indexed = table.query(
        "ACCT#mine",
        index=True,
        cursor=cursor_of({"pk": "other", "sk": "0", "gsi1pk": "ACCT#other", "gsi1sk": "0"}),
    )

    assert {item["pk"] for item in page.items + indexed.items} == {"mine"}
