"""The ledger's rules one at a time, on the emulator's DynamoDB."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice import clock as wall
from sluice import ledger
from sluice.errors import Conflict, Forbidden, InsufficientCredit, Unauthenticated
from sluice.ledger import AlreadyEnded, Bucket, BucketShort, Leg, Snapshot
from sluice.table import Item, Table, Transaction
from tests.invariants import ledger_faults
from tests.replaced import NOON_MS, ManualClock
from tests.seeds import DAY_S, give_credit
from tests.stage import Stage

ACCOUNT = "acc_1"
BALANCE = ledger.balance_pk(ACCOUNT)


def take(table: Table, legs: Sequence[Leg], job: str = "job_1", epoch: int = 0) -> None:
    Transaction().add(
        *ledger.hold(
            table,
            legs,
            account=ACCOUNT,
            job=job,
            epoch=epoch,
            deadline_ms=NOON_MS + 60_000,
            price={"model": "m", "version": 1},
        )
    ).commit()


def end(table: Table, legs: Sequence[Leg], charge: int, job: str = "job_1") -> None:
    Transaction().add(*ledger.settle(table, legs, job, charge)).commit()


def bucket(table: Table, pk: str = BALANCE) -> Item:
    found = table.find(pk, "BUCKET")
    assert found is not None
    return found


def funded(emulator: Stage, table: Table, *, granted: int = 0, bought: int = 0) -> Snapshot:
    give_credit(emulator, ACCOUNT, granted_nanos=granted, bought_nanos=bought)
    return ledger.read(table, ACCOUNT)


# Planning


def test_grants_are_spent_before_bought_credit_soonest_expiry_first(clock: ManualClock) -> None:
    late, soon = Bucket("GRANT#late", 50, NOON_MS + 2), Bucket("GRANT#soon", 30, NOON_MS + 1)
    snapshot = Snapshot((Bucket("BAL#a#0", 100), late, soon))

    legs = ledger.plan(snapshot, 120)

    assert legs == (Leg("GRANT#soon", 30), Leg("GRANT#late", 50), Leg("BAL#a#0", 40))


def test_an_expired_grant_pays_nothing(clock: ManualClock) -> None:
    snapshot = Snapshot((Bucket("BAL#a#0", 10), Bucket("GRANT#g", 50, NOON_MS)))

    with pytest.raises(InsufficientCredit) as refusal:
        ledger.plan(snapshot, 11)

    assert refusal.value.extra == {"required_nanos": "11", "available_nanos": "10"}


@given(
    st.lists(st.tuples(st.integers(-5, 100), st.integers(-10, 10)), max_size=6),
    st.integers(-5, 100),
    st.integers(0, 500),
)
def test_a_plan_pays_exactly_and_never_more_than_a_bucket_has(
    grants: list[tuple[int, int]], bought: int, nanos: int
) -> None:
    now_ms = wall.now_ms()
    buckets = [
        Bucket(f"GRANT#{n}", available, now_ms + hours * 3_600_000)
        for n, (available, hours) in enumerate(grants)
    ]
    snapshot = Snapshot((Bucket("BAL#a#0", bought), *buckets))
    available = {b.pk: b.available for b in snapshot.buckets}

    try:
        legs = ledger.plan(snapshot, nanos)
    except InsufficientCredit:
        assert ledger.available(snapshot) < nanos
        return

    assert sum(leg.nanos for leg in legs) == nanos
    assert len({leg.bucket for leg in legs}) == len(legs)
    assert all(leg.nanos <= max(available[leg.bucket], 0) for leg in legs)


def test_what_is_free_is_still_written_down(emulator: Stage, table: Table) -> None:
    snapshot = funded(emulator, table)

    legs = ledger.plan(snapshot, 0)
    take(table, legs)
    end(table, legs, 0)

    assert legs == (Leg(BALANCE, 0),)
    assert ledger_faults(emulator.scan("ledger")) == []


# Holding


def test_a_hold_moves_credit_and_leaves_an_open_line(emulator: Stage, table: Table) -> None:
    snapshot = funded(emulator, table, granted=60, bought=100)

    take(table, ledger.plan(snapshot, 90))

    assert ledger.available(ledger.read(table, ACCOUNT)) == 70
    assert bucket(table)["held"] == 30
    line = table.find(BALANCE, ledger.line_sk("job_1"))
    assert line is not None
    assert (line["state"], line["held_nanos"], line["job"]) == ("open", 30, "job_1")
    assert ledger_faults(emulator.scan("ledger")) == []


def test_a_hold_beyond_the_bucket_is_refused_and_tells_what_there_is(
    emulator: Stage, table: Table
) -> None:
    funded(emulator, table, bought=100)

    with pytest.raises(BucketShort) as refusal:
        take(table, [Leg(BALANCE, 101)])

    assert refusal.value.available == 100
    assert ledger_faults(emulator.scan("ledger")) == []


def test_the_last_nano_can_be_held(emulator: Stage, table: Table) -> None:
    funded(emulator, table, bought=100)

    take(table, [Leg(BALANCE, 100)])

    assert bucket(table)["available"] == 0


def test_one_short_leg_takes_nothing_from_the_others(emulator: Stage, table: Table) -> None:
    snapshot = funded(emulator, table, granted=60, bought=100)
    grant = ledger.plan(snapshot, 60)[0]

    with pytest.raises(BucketShort):
        take(table, [grant, Leg(BALANCE, 101)])

    assert ledger.available(ledger.read(table, ACCOUNT)) == 160
    assert ledger_faults(emulator.scan("ledger")) == []


def test_a_job_holds_once_for_ever(emulator: Stage, table: Table) -> None:
    funded(emulator, table, bought=100)
    take(table, [Leg(BALANCE, 10)])
    end(table, [Leg(BALANCE, 10)], 10)

    with pytest.raises(Conflict) as refusal:
        take(table, [Leg(BALANCE, 10)])

    assert refusal.value.machine_code == "idempotency_key_spent"
    assert bucket(table)["available"] == 90
    assert ledger_faults(emulator.scan("ledger")) == []


def test_a_credential_from_before_the_account_was_secured_holds_nothing(
    emulator: Stage, table: Table
) -> None:
    funded(emulator, table, bought=100)
    table.update(BALANCE, "BUCKET", set_={"epoch": 1}).send()

    with pytest.raises(Unauthenticated):
        take(table, [Leg(BALANCE, 10)], epoch=0)
    take(table, [Leg(BALANCE, 10)], epoch=1)

    assert bucket(table)["held"] == 10


def test_frozen_credit_is_not_held_but_what_was_held_can_end(emulator: Stage, table: Table) -> None:
    funded(emulator, table, bought=100)
    take(table, [Leg(BALANCE, 10)])
    table.update(BALANCE, "BUCKET", set_={"frozen": True}).send()

    with pytest.raises(Forbidden) as refusal:
        take(table, [Leg(BALANCE, 10)], "job_2")
    end(table, [Leg(BALANCE, 10)], 4)

    assert refusal.value.machine_code == "credit_frozen"
    assert ledger.available(ledger.read(table, ACCOUNT)) == 0
    assert bucket(table)["available"] == 96


@pytest.mark.parametrize("change", [{"status": "revoked"}, {"expires_ms": NOON_MS}])
def test_a_grant_that_is_no_more_pays_nothing_whatever_was_planned(
    emulator: Stage, table: Table, clock: ManualClock, change: Item
) -> None:
    legs = ledger.plan(funded(emulator, table, granted=60), 10)
    table.update(legs[0].bucket, "BUCKET", set_=change).send()

    with pytest.raises(BucketShort):
        take(table, legs)

    with pytest.raises(InsufficientCredit):
        ledger.plan(ledger.read(table, ACCOUNT), 10)


def test_a_grant_expires_between_plan_and_hold(
    emulator: Stage, table: Table, clock: ManualClock
) -> None:
    legs = ledger.plan(funded(emulator, table, granted=60), 10)
    clock.advance(31 * DAY_S)

    with pytest.raises(BucketShort):
        take(table, legs)


# Ending


@pytest.mark.parametrize("charge", [0, 1, 59, 60, 61, 89, 90])
def test_a_charge_takes_the_legs_in_order_and_gives_back_the_rest(
    emulator: Stage, table: Table, charge: int
) -> None:
    legs = ledger.plan(funded(emulator, table, granted=60, bought=100), 90)
    take(table, legs)

    end(table, legs, charge)

    grant = bucket(table, legs[0].bucket)
    assert grant["available"] == 60 - min(charge, 60)
    assert bucket(table)["available"] == 100 - max(charge - 60, 0)
    assert (grant["held"], bucket(table)["held"]) == (0, 0)
    assert ledger_faults(emulator.scan("ledger")) == []


@pytest.mark.parametrize("charge", [-1, 91])
def test_a_charge_outside_the_hold_is_our_error(charge: int, table: Table) -> None:
    with pytest.raises(ValueError, match="charge"):
        ledger.settle(table, [Leg(BALANCE, 90)], "job_1", charge)


@pytest.mark.parametrize(("first", "second"), [(0, 5), (5, 0), (5, 5), (0, 0)])
def test_a_hold_ends_once(emulator: Stage, table: Table, first: int, second: int) -> None:
    funded(emulator, table, bought=100)
    take(table, [Leg(BALANCE, 10)], "job_other")
    take(table, [Leg(BALANCE, 10)])
    end(table, [Leg(BALANCE, 10)], first)

    with pytest.raises(AlreadyEnded):
        end(table, [Leg(BALANCE, 10)], second)

    assert bucket(table)["available"] == 90 - first
    assert ledger_faults(emulator.scan("ledger")) == []


def test_a_hold_that_never_was_cannot_end(emulator: Stage, table: Table) -> None:
    funded(emulator, table, bought=100)
    take(table, [Leg(BALANCE, 10)], "job_other")

    with pytest.raises(AlreadyEnded):
        end(table, [Leg(BALANCE, 10)], 5, "job_never")

    assert ledger_faults(emulator.scan("ledger")) == []


def test_an_ended_line_has_equal_legs_and_left_the_index_of_open_holds(
    emulator: Stage, table: Table
) -> None:
    funded(emulator, table, bought=100)
    take(table, [Leg(BALANCE, 10)])

    assert _open_holds(table) == ["job_1"]
    end(table, [Leg(BALANCE, 10)], 7)

    line = table.find(BALANCE, ledger.line_sk("job_1"))
    assert line is not None
    assert line["legs"] == [
        {"account": BALANCE, "nanos": -7},
        {"account": ledger.REVENUE, "nanos": 7},
    ]
    assert _open_holds(table) == []


def _open_holds(table: Table) -> list[str]:
    return [
        item["job"]
        for shard in ledger.hold_shards()
        for item in table.query(shard, index=True).items
    ]


# Giving


def give(table: Table, grant: str, **how: int) -> None:
    expires_ms = wall.now_ms() + 60_000
    Transaction().add(
        *ledger.grant(table, ACCOUNT, grant, 50, reason="test", expires_ms=expires_ms, **how)
    ).commit()


def test_a_grant_adds_a_bucket_and_is_given_once(emulator: Stage, table: Table) -> None:
    funded(emulator, table, bought=100)

    give(table, "grt_1")
    with pytest.raises(Conflict):
        give(table, "grt_1")

    assert ledger.available(ledger.read(table, ACCOUNT)) == 150
    assert ledger_faults(emulator.scan("ledger")) == []


def test_grants_of_one_account_are_bounded(emulator: Stage, table: Table) -> None:
    funded(emulator, table)
    for number in range(ledger.MAX_GRANTS):
        give(table, f"grt_{number}")

    with pytest.raises(Conflict):
        give(table, "grt_more")

    take(table, ledger.plan(ledger.read(table, ACCOUNT), 50 * ledger.MAX_GRANTS))
    assert ledger_faults(emulator.scan("ledger")) == []


def test_a_grant_for_no_account_leaves_nothing(emulator: Stage, table: Table) -> None:
    with pytest.raises(Conflict):
        give(table, "grt_1")

    assert emulator.scan("ledger") == []


def test_an_account_without_a_balance_has_nothing_to_spend(table: Table) -> None:
    with pytest.raises(InsufficientCredit):
        ledger.plan(ledger.read(table, "acc_nobody"), 1)
