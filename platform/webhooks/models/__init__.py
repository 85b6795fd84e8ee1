"""Endpoints and their secrets, frozen events, deliveries and each attempt at one."""

from webhooks.models.delivery import Attempt, Delivery
from webhooks.models.endpoint import EndpointSecret, WebhookEndpoint
from webhooks.models.event import Event

__all__ = ["Attempt", "Delivery", "EndpointSecret", "Event", "WebhookEndpoint"]
