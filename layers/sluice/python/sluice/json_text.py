"""JSON as RFC 8259 has it. Python's own reader lets more through: NaN, numbers without end, halves
of characters, and nesting deep enough to exhaust the stack of whoever reads the value next."""

import json
import math
import re
from typing import Any, NoReturn

MAX_DEPTH = 64
_MAYBE_SURROGATE = re.compile(rb"\\u[dD][89abcdefABCDEF]")


class NotJson(ValueError):
    """Says in one sentence why a text is no JSON."""


def parse(text: bytes) -> Any:
    """The value that UTF-8 `text` means; raises NotJson."""
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except NotJson:
        raise
    except RecursionError:
        raise NotJson(_TOO_DEEP) from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise NotJson(f"It is not valid JSON: {error.msg} at {place}.") from None
    except ValueError:
        # Bytes that are no text, or a number of thousands of digits.
        raise NotJson("It holds bytes that are not UTF-8, or a number without measure.") from None
    _check_depth(value)
    if _MAYBE_SURROGATE.search(text):
        _check_text(value)
    return value


_TOO_DEEP = f"It is nested more than {MAX_DEPTH} levels deep."


def _refuse(constant: str) -> NoReturn:
    raise NotJson(f"{constant} is no JSON number.")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise NotJson(f"The number {digits[:20]} is too large for anybody.")
    return number


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in _children(node)]
        if not level:
            return
    raise NotJson(_TOO_DEEP)


def _children(node: Any) -> list[Any]:
    """The containers right inside a container."""
    inside = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return [child for child in inside if isinstance(child, dict | list)]


def _check_text(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise NotJson("A string holds half a character (a lone surrogate).") from None
