"""Routes of serving, below /v1/."""

from django.urls import path

from inference.api.endpoints import EndpointsView, EndpointView
from inference.api.predictions import EmbeddingsView, PredictView
from inference.api.releases import ReleasesView, RollbackView

urlpatterns = [
    path("endpoints", EndpointsView.as_view()),
    path("endpoints/<str:endpoint_id>", EndpointView.as_view()),
    path("endpoints/<str:endpoint_id>/releases", ReleasesView.as_view()),
    path("endpoints/<str:endpoint_id>/rollback", RollbackView.as_view()),
    path("endpoints/<str:endpoint_id>/predict", PredictView.as_view()),
    path("embeddings", EmbeddingsView.as_view()),
]
