"""What botocore does anew for every call and need not, a fifth of its CPU.

It offers no way to spare it, so this reaches for two private attributes of its clients; without
them no client of ours could be made, and every test would say so.
"""

import json
from typing import Any


def resolve_once(client: Any) -> None:
    """Work out each operation's endpoint the first time alone. The rules may ask for anything in a
    call, but away from S3 they ask for the region, and an account id unless that is off."""
    resolver, known = client._ruleset_resolver, {}  # noqa: SLF001  # no way in
    resolve = resolver.construct_endpoint

    def construct_endpoint(operation_model: Any, **call: Any) -> Any:
        name = operation_model.name
        if name not in known:
            known[name] = resolve(operation_model=operation_model, **call)
        return known[name]

    resolver.construct_endpoint = construct_endpoint


def write_as_given(client: Any) -> None:
    """For DynamoDB, whose calls are JSON as its protocol has it: botocore would walk through all of
    it to write the same. What is no JSON, such as bytes, is left to botocore."""
    serializer = client._serializer  # noqa: SLF001  # no way in
    serialize = serializer.serialize_to_request

    def serialize_to_request(parameters: Any, operation_model: Any) -> Any:
        try:
            body = json.dumps(parameters).encode()
        except TypeError:
            return serialize(parameters, operation_model)
        return serialize({}, operation_model) | {"body": body}

    serializer.serialize_to_request = serialize_to_request
