"""Lists as OpenAI shapes them: newest first, by id, `after` and `before` cursors."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Model, QuerySet, Subquery
from rest_framework.request import Request

from contracts.problems import Fault, Problem, echo

M = TypeVar("M", bound=Model)

DEFAULT, MOST = 20, 100
PARAMETERS = frozenset({"limit", "after", "before", "order"})


def page(
    request: Request,
    rows: QuerySet[M],
    render: Callable[[M], dict[str, Any]],
    *,
    by: str = "pk",
    filters: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """One page, in the order of the column `by` (ids sort by their moment of creation; events by their number).

    `filters` names the query parameters that the view has handled. A cursor that names no row ends the list. Raises
    `Problem` for a limit out of range, a cursor's unknown shape or an unknown parameter, all at once.
    """
    limit, newest_first, faults = _read(request, filters)
    if faults:
        raise Problem.of(faults)
    after, before = request.query_params.get("after"), request.query_params.get("before")
    beyond, short_of = (f"{by}__lt", f"{by}__gt") if newest_first else (f"{by}__gt", f"{by}__lt")
    every = rows
    if after:
        rows = rows.filter(**{beyond: Subquery(every.filter(pk=after).values(by))})
    if before:
        rows = rows.filter(**{short_of: Subquery(every.filter(pk=before).values(by))})
    found = list(rows.order_by(f"-{by}" if newest_first else by)[: limit + 1])
    data = [render(row) for row in found[:limit]]
    return {
        "object": "list",
        "data": data,
        "first_id": data[0]["id"] if data else None,
        "last_id": data[-1]["id"] if data else None,
        "has_more": len(found) > limit,
    }


def _read(request: Request, filters: frozenset[str]) -> tuple[int, bool, list[Fault]]:
    query, faults = request.query_params, []
    raw, order = query.get("limit", str(DEFAULT)), query.get("order", "desc")
    valid = raw.isascii() and raw.isdigit() and len(raw) <= 3 and 1 <= int(raw) <= MOST
    if not valid:
        faults.append(Fault(code="out_of_range", message=f"limit must lie between 1 and {MOST}.", param="limit"))
    if order not in ("asc", "desc"):
        faults.append(Fault(code="invalid_choice", message="order must be 'asc' or 'desc'.", param="order"))
    for name, value in query.items():
        if "\x00" in name or "\x00" in value:
            faults.append(
                Fault(code="nul_not_allowed", message="A query value holds a NUL character.", param=name[:50])
            )
        if name not in PARAMETERS | filters and not name.startswith("metadata["):
            message = f"There is no parameter {echo(name)} here."
            faults.append(Fault(code="unknown_parameter", message=message, param=name[:50]))
    return (int(raw) if valid else DEFAULT), order == "desc", faults


def by_metadata(request: Request, rows: QuerySet[M]) -> QuerySet[M]:
    """`?metadata[team]=parts` keeps the rows whose metadata holds that pair."""
    for name, value in request.query_params.items():
        if name.startswith("metadata[") and name.endswith("]"):
            rows = rows.filter(metadata__contains={name[len("metadata[") : -1]: value})
    return rows
