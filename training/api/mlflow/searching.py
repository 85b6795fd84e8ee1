"""MLflow's search language over our rows: `metrics.accuracy > 0.9 and params.method = 'lora'`, `metrics.f1 DESC`.

A condition is `<kind>.<name> <comparator> <value>`; several are joined by AND. Metrics are the test's figures, numbers;
params, tags and attributes are strings. See MLflow's "Search Runs" documentation.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q
from django.db.models.expressions import Expression, OrderBy
from django.db.models.fields.json import KeyTextTransform, KeyTransform

from contracts.problems import Problem, echo

CONDITION = re.compile(
    r"""\s*(?P<column>[A-Za-z_.]+?\.)?(?P<name>`[^`]+`|"[^"]+"|[\w./-]+)\s*
        (?P<comparator>!=|>=|<=|=|>|<|\bLIKE\b|\bILIKE\b)\s*
        (?P<value>'[^']*'|"[^"]*"|[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?)\s*""",
    re.VERBOSE | re.IGNORECASE,
)
AND = re.compile(r"AND\b", re.IGNORECASE)
ORDER = re.compile(
    r"(?P<column>[A-Za-z_]+\.)?(?P<name>`[^`]+`|\"[^\"]+\"|[\w./-]+?)(?:\s+(?P<way>ASC|DESC))?", re.IGNORECASE
)
LOOKUPS = {
    "=": "exact",
    "!=": "exact",
    ">": "gt",
    ">=": "gte",
    "<": "lt",
    "<=": "lte",
    "LIKE": "like",
    "ILIKE": "ilike",
}
EQUAL = ("=", "!=", "LIKE", "ILIKE")  # what strings are compared by
MOST_CONDITIONS = 20
Where = Expression | F


@dataclass(frozen=True)
class Column:
    """`find`: where a name of this kind lies; None where there is no such name."""

    find: Callable[[str], Where | None]
    numeric: bool = False


def filtered(rows: Any, text: str, columns: dict[str, Column]) -> Any:
    """The rows that satisfy every condition, `MOST_CONDITIONS` at most. Raises `Problem` where one cannot be read."""
    for number, found in enumerate(_conditions(text)):
        column, where = _column(found["column"], found["name"], columns, "filter")
        rows = _keep(rows, f"asked_{number}", where, found, numeric=column.numeric)
    return rows


def _conditions(text: str) -> list[re.Match[str]]:
    found: list[re.Match[str]] = []
    rest, more = text.strip(), bool(text.strip())
    while more:
        one = CONDITION.match(rest)
        if one is None or len(found) == MOST_CONDITIONS:
            raise _unreadable(rest)
        found.append(one)
        joint = AND.match(rest, one.end())
        if joint is None and one.end() < len(rest):
            raise _unreadable(rest[one.end() :])
        rest, more = rest[joint.end() if joint else len(rest) :], joint is not None
    return found


def ordered(rows: Any, given: list[str], columns: dict[str, Column], *, last: str) -> Any:
    """In the order asked for, rows without a value at the end; `last` decides between equals."""
    keys = []
    for text in given:
        found = ORDER.fullmatch(text.strip())
        if found is None:
            raise Problem("invalid_order", f"order_by cannot be read at {echo(text)}.", param="order_by")
        _, where = _column(found["column"], found["name"], columns, "order_by")
        descending = (found["way"] or "").upper() == "DESC"
        keys.append(OrderBy(where, descending=descending, nulls_last=True))
    return rows.order_by(*keys, last)


def json(field: str, *, text: bool = True) -> Callable[[str], Where | None]:
    return lambda name: KeyTextTransform(name, field) if text else KeyTransform(name, field)


def named(**fields: str) -> Callable[[str], Where | None]:
    return lambda name: F(fields[name]) if name in fields else None


def _column(prefix: str | None, quoted: str, columns: dict[str, Column], param: str) -> tuple[Column, Where]:
    kind, name = (prefix or "attributes.").rstrip(".").lower(), quoted.strip('`"')
    column = columns.get(kind.rstrip("s")) or columns.get(kind)
    where = column.find(name) if column else None
    if column is None or where is None:
        known = ", ".join(f"{one}s" for one in columns)
        raise Problem(
            f"invalid_{'filter' if param == 'filter' else 'order'}",
            f"{param} names {echo(kind + '.' + name)}, which is not searched here; {known} are.",
            param=param,
        )
    return column, where


def _keep(rows: Any, alias: str, where: Where, found: re.Match[str], *, numeric: bool) -> Any:
    comparator, quoted = found["comparator"].upper(), found["value"]
    text = quoted[1:-1] if quoted[0] in "'\"" else None
    if numeric == (text is not None) or (not numeric and comparator not in EQUAL):
        raise _unreadable(found[0])
    value: Any = float(quoted) if numeric else text
    if value in (math.inf, -math.inf):
        raise _unreadable(found[0])
    lookup = LOOKUPS[comparator]
    if lookup in ("like", "ilike"):
        pattern = "^" + ".*".join(re.escape(part) for part in str(text).split("%")) + "$"
        lookup, value = ("regex" if lookup == "like" else "iregex"), pattern
    condition = Q(**{f"{alias}__{lookup}": value})
    if comparator == "!=":
        condition = ~condition & Q(**{f"{alias}__isnull": False})
    return rows.alias(**{alias: where}).filter(condition)


def _unreadable(part: str) -> Problem:
    message = f"The filter cannot be read at {echo(part)}: write metrics.accuracy > 0.9 or params.method = 'lora'."
    return Problem("invalid_filter", message, param="filter")
