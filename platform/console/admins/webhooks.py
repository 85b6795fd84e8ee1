"""Where customers are told, of what, and how each delivery went."""

from console import cells
from console.cells import Table, column, moment
from console.reading import TenantAdmin
from webhooks.models import Attempt, Delivery, Event, WebhookEndpoint

STATES = {"succeeded": cells.GOOD, "pending": cells.BUSY, "failed": cells.BAD, "cancelled": cells.QUIET}


class WebhookEndpointAdmin(TenantAdmin):
    """Without its secrets: the console never derives one."""

    columns = ("where", "types", "state", "failing", "created")
    filters = ("enabled", "disabled_reason", "livemode")
    fields = (
        "id",
        "name",
        "url",
        "types",
        "state",
        moment("failing_since"),
        "livemode",
        "metadata",
        moment("created_at"),
        moment("updated_at"),
    )
    search_fields = ("=id", "name", "url")

    @column("receiver")
    def where(self, row: WebhookEndpoint) -> str:
        host = row.url.split("/")[2]
        return f"{row.name} ({host})" if row.name else host

    @column("events")
    def types(self, row: WebhookEndpoint) -> str:
        return ", ".join(row.event_types)

    @column("state", badges={"enabled": cells.GOOD, "failing": cells.BAD, "gone": cells.BAD})
    def state(self, row: WebhookEndpoint) -> str:
        return "enabled" if row.enabled else row.disabled_reason

    @column("failing since", ordering="failing_since")
    def failing(self, row: WebhookEndpoint) -> str:
        return cells.ago(row.failing_since)

    @column("created", ordering="created_at")
    def created(self, row: WebhookEndpoint) -> str:
        return cells.ago(row.created_at)


class EventAdmin(TenantAdmin):
    columns = ("type", "mode", "created")
    filters = ("type", "livemode")
    fields = ("id", "type", "mode", moment("created_at"), "body")

    @column("mode", badges={"live": cells.BUSY, "test": cells.QUIET})
    def mode(self, row: Event) -> str:
        return "sample" if row.sample else "live" if row.livemode else "test"

    @column("created", ordering="created_at")
    def created(self, row: Event) -> str:
        return cells.ago(row.created_at)

    @column("body as sent")
    def body(self, row: Event) -> str:
        return cells.pretty(row.content)

    def tables(self, row: Event) -> list[Table]:
        deliveries = (
            Delivery.objects.unscoped(using="staff").filter(event=row).select_related("endpoint").order_by("id")
        )
        rows = [
            (
                cells.to(one),
                str(one.endpoint),
                cells.badge(one.state, STATES),
                one.attempts,
                cells.ago(one.next_attempt_at),
            )
            for one in deliveries
        ]
        headers = ("Delivery", "Receiver", "State", "Attempts", "Next attempt")
        return [Table(title="Deliveries", headers=headers, rows=rows)]


class DeliveryAdmin(TenantAdmin):
    columns = ("event_type", "receiver", "outcome", "attempts", "next_attempt", "created")
    filters = ("state",)
    related = ("event", "endpoint")
    fields = ("id", "event", "endpoint", "outcome", "attempts", moment("next_attempt_at"), moment("created_at"))
    search_fields = ("=id", "=event__id", "=endpoint__id")

    @column("event", ordering="event__type")
    def event_type(self, row: Delivery) -> str:
        return str(row.event.type)

    @column("receiver")
    def receiver(self, row: Delivery) -> str:
        return str(row.endpoint)

    @column("state", ordering="state", badges=STATES)
    def outcome(self, row: Delivery) -> str:
        return str(row.state)

    @column("next attempt", ordering="next_attempt_at")
    def next_attempt(self, row: Delivery) -> str:
        return cells.ago(row.next_attempt_at)

    @column("created", ordering="created_at")
    def created(self, row: Delivery) -> str:
        return cells.ago(row.created_at)

    def tables(self, row: Delivery) -> list[Table]:
        attempts = Attempt.objects.unscoped(using="staff").filter(delivery=row).order_by("number")
        rows = [
            (
                one.number,
                cells.ago(one.started_at),
                outcome(one),
                cells.milliseconds(one.duration_ms),
                cells.code(one.excerpt),
            )
            for one in attempts
        ]
        return [Table(title="Attempts", headers=("Attempt", "Begun", "Outcome", "Took", "Answer"), rows=rows)]


def outcome(attempt: Attempt) -> str:
    """How an attempt ended, as a badge."""
    if attempt.ended_at is None:
        return cells.badge("under way or lost", {})
    text = f"HTTP {attempt.status}" if attempt.status else attempt.error
    return cells.badge(text, {text: cells.BAD if attempt.error else cells.GOOD})
