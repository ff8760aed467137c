"""Credit: buckets, holds and lines, in integer nanodollars.

item      pk                        sk             index (gsi1)                         retention
balance   BAL#{account}#{stripe}    BUCKET         -                                    for ever
grant     GRANT#{grant}             BUCKET         -                                    for ever
cap       CAP#{budget}#{period}     CAP            -                                    for ever
line      the bucket's own pk       LINE#{cause}   open: HOLD#{shard} / look#job        for ever
                                                   ended: the bucket's pk / ended#cause

An open line's `look` says when whoever walks the index of open holds should come by.

A bucket is {available, held, seq, epoch, frozen, last_line}; a grant's has `status`, `expires_ms`
too, and the balance names the account's grants. A line is a hold while open and, once settled or
released, an immutable entry whose legs sum to zero. It stands beside the bucket it draws from, so
a bucket's balance is the fold of its own partition. The durable once-only guard is the line's key.

A cap is {account, used}: what the lines that name it hold and have spent.

System accounts (SYS#revenue, SYS#promotion) store no balance: they are folds over the legs.
"""

from sluice.ledger.buckets import (
    Bucket,
    BucketShort,
    Leg,
    Snapshot,
    available,
    find_buckets,
    plan,
    read,
    remember,
)
from sluice.ledger.caps import Cap, cap_of, find_used
from sluice.ledger.grants import (
    MAX_GRANTS,
    grant,
    open_account,
    open_with_grant,
    raise_epoch,
)
from sluice.ledger.holds import (
    AlreadyEnded,
    hold,
    reschedule,
    settle,
)
from sluice.ledger.keys import (
    HOLD_SHARDS,
    PROMOTION,
    REVENUE,
    STRIPE,
    balance_pk,
    grant_pk,
    hold_shards,
    line_sk,
)

__all__ = [
    "HOLD_SHARDS",
    "MAX_GRANTS",
    "PROMOTION",
    "REVENUE",
    "STRIPE",
    "AlreadyEnded",
    "Bucket",
    "BucketShort",
    "Cap",
    "Leg",
    "Snapshot",
    "available",
    "balance_pk",
    "cap_of",
    "find_buckets",
    "find_used",
    "grant",
    "grant_pk",
    "hold",
    "hold_shards",
    "line_sk",
    "open_account",
    "open_with_grant",
    "plan",
    "raise_epoch",
    "read",
    "remember",
    "reschedule",
    "settle",
]
