"""Routes of the organization's own affairs, below /v1/."""

from django.urls import path

from tenants.api.api_keys import ApiKeysView, ApiKeyView

urlpatterns = [
    path("organization/api_keys", ApiKeysView.as_view()),
    path("organization/api_keys/<str:key_id>", ApiKeyView.as_view()),
]
