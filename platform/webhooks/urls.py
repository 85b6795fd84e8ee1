"""Routes of webhooks and events, below /v1/."""

from django.urls import path

from webhooks.api import endpoints, events

urlpatterns = [
    path("webhook_event_types", endpoints.EventTypesView.as_view()),
    path("webhook_endpoints", endpoints.EndpointsView.as_view()),
    path("webhook_endpoints/<str:endpoint_id>", endpoints.EndpointView.as_view()),
    path("webhook_endpoints/<str:endpoint_id>/deliveries", endpoints.DeliveriesView.as_view()),
    path("webhook_endpoints/<str:endpoint_id>/recover", endpoints.RecoverView.as_view()),
    path("webhook_endpoints/<str:endpoint_id>/rotate_secret", endpoints.RotateSecretView.as_view()),
    path("webhook_endpoints/<str:endpoint_id>/test", endpoints.SendTestView.as_view()),
    path("events", events.EventsView.as_view()),
    path("events/<str:event_id>", events.EventView.as_view()),
    path("events/<str:event_id>/resend", events.ResendView.as_view()),
]
