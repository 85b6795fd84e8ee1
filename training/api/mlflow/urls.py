"""Routes of MLflow's read API, below /mlflow/api/2.0/mlflow/."""

from django.urls import path

from training.api.mlflow import views

urlpatterns = [
    path("experiments/get", views.ExperimentView.as_view()),
    path("experiments/get-by-name", views.ExperimentByNameView.as_view()),
    path("experiments/search", views.ExperimentsView.as_view()),
    path("runs/get", views.RunView.as_view()),
    path("runs/search", views.RunsView.as_view()),
    path("metrics/get-history", views.MetricHistoryView.as_view()),
    path("registered-models/get", views.RegisteredModelView.as_view()),
    path("registered-models/search", views.RegisteredModelsView.as_view()),
    path("registered-models/alias", views.AliasView.as_view()),
    path("model-versions/get", views.ModelVersionView.as_view()),
    path("model-versions/search", views.ModelVersionsView.as_view()),
]
