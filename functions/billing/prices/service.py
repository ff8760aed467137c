"""The price book: what the models' cards say their units cost."""

from sluice.catalog import Card, cards


def priced_cards() -> list[Card]:
    """Every model once, by id."""
    by_id = {card.id: card for card in cards().values()}
    return [by_id[id_] for id_ in sorted(by_id)]
