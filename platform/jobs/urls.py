"""Routes of jobs, below /v1/."""

from django.urls import path

from jobs.api.jobs import EventsView, JobsView, JobView

urlpatterns = [
    path("jobs", JobsView.as_view()),
    path("jobs/<str:job_id>", JobView.as_view()),
    path("jobs/<str:job_id>/events", EventsView.as_view()),
]
