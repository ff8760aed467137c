"""A stateful double of Stripe's API, in a process of its own: what the product's billing calls on a
machine without Stripe. Its judges are the official Python client and the official command line."""
