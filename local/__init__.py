"""The local platform: the whole product on one machine, without a cloud account."""
