"""The paths of Novita's family; importing them imports no route."""

FAMILIES = ("/v3/", "/openapi/")
"""The paths whose refusals have this family's shape, but for those of another family under them."""
