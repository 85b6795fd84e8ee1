"""Which room answers which address."""

from django.urls import include, path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerView

from api.errors import bad_request_view, not_found_view, server_error_view
from api.health import livez, readyz
from console.site import site

urlpatterns = [
    path("v1/", include("tenants.urls")),
    path("v1/", include("webhooks.urls")),
    path("v1/", include("jobs.urls")),
    path("v1/", include("training.urls")),
    path("v1/", include("inference.urls")),
    path("mlflow/api/2.0/mlflow/", include("training.api.mlflow.urls")),
    path("v1/openapi.json", SpectacularJSONAPIView.as_view(throttle_classes=[]), name="schema"),
    path("docs", SpectacularSwaggerView.as_view(url_name="schema", throttle_classes=[]), name="docs"),
    path("console/", site.urls),
    path("livez", livez),
    path("readyz", readyz),
]

handler400 = bad_request_view
handler404 = not_found_view
handler500 = server_error_view
