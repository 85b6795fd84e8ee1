"""What cells show: badges, bars, times, JSON. Every value is escaped on its way in."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.contrib import admin
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

NOTHING = "–"
GOOD, BAD, BUSY, WARNING, QUIET = "success", "danger", "info", "warning", "default"


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows with a title, drawn by console/tables.html; `link` leads to the whole list."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[Any]]
    link: str = ""
    empty: str = "None."


F = TypeVar("F", bound=Callable[..., Any])


def column(title: str, *, ordering: str | None = None, badges: dict[str, str] | None = None) -> Callable[[F], F]:
    """A computed column. `badges` gives values a colour; a value without one is shown as a grey badge."""

    def decorate(function: F) -> F:
        decorated = admin.display(description=title, ordering=ordering)(function)
        if badges is not None:
            decorated.label = badges  # type: ignore[attr-defined]  # where django-unfold looks for it
        return decorated

    return decorate


def badge(text: str, colours: dict[str, str]) -> SafeString:
    return format_html('<span class="lf-badge lf-{}">{}</span>', colours.get(text, QUIET), text)


def link(url: str, text: str) -> SafeString:
    return format_html('<a href="{}" class="lf-link">{}</a>', url, text)


def to(row: models.Model, text: str = "") -> SafeString:
    """A link to the page of one object."""
    opts = type(row)._meta
    url = reverse(f"console:{opts.app_label}_{opts.model_name}_change", args=[row.pk])
    return link(url, text or str(row.pk))


def milliseconds(value: int | None) -> str:
    return NOTHING if value is None else f"{value} ms" if value < 10_000 else f"{value / 1000:.1f} s"


def bar(share: float, caption: str = "") -> SafeString:
    """A progress bar; `share` from 0 to 1."""
    percent = round(100 * min(max(share, 0.0), 1.0))
    return format_html(
        '<span class="lf-bar" role="progressbar" aria-valuenow="{}" aria-valuemin="0" aria-valuemax="100">'
        '<span style="width:{}%"></span></span> <span class="lf-note">{}</span>',
        percent,
        percent,
        caption or f"{percent} %",
    )


def code(text: str) -> SafeString:
    return format_html('<code class="lf-code">{}</code>', text or NOTHING)


def wrapped(text: str) -> SafeString:
    """A sentence that may break into lines."""
    return format_html('<span class="lf-wrapped">{}</span>', text)


def lines(text: str) -> SafeString | str:
    """Text as it is, line for line."""
    return format_html('<pre class="lf-pre">{}</pre>', text) if text else NOTHING


def pretty(value: Any) -> SafeString | str:
    """JSON, indented."""
    if not value:
        return NOTHING
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return lines(text)


def ago(value: datetime | None) -> SafeString | str:
    """`3 min ago`, with the exact moment as its title."""
    if value is None:
        return NOTHING
    exact = f"{value:%Y-%m-%d %H:%M:%S} UTC"
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), exact, distance(value))


def moment(name: str) -> Callable[[models.Model], str]:
    """A field of a detail page: the exact moment in column `name`, and how long ago it was."""

    @admin.display(description=name.removesuffix("_at").replace("_", " "))
    def show(row: models.Model) -> str:
        value: datetime | None = getattr(row, name)
        return NOTHING if value is None else f"{value:%Y-%m-%d %H:%M:%S} UTC ({distance(value)})"

    show.__name__ = name
    return show


def between(start: datetime | None, end: datetime | None) -> str:
    """How long something took, or has been taking."""
    return NOTHING if start is None else span((end or timezone.now()) - start)


def seconds(value: float) -> str:
    return span(timedelta(seconds=value))


def distance(value: datetime) -> str:
    passed = timezone.now() - value
    return f"in {span(-passed)}" if passed < timedelta(0) else f"{span(passed)} ago"


def span(duration: timedelta) -> str:
    """The two coarsest units that matter: `45 s`, `3 min`, `2 h 5 min`, `4 d`."""
    whole = int(duration.total_seconds())
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min"
    if whole < 86400:
        hours, minutes = divmod(whole // 60, 60)
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{whole // 86400} d"
