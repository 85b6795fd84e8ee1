"""Routes as a hurried colleague might write them: the walk over every route must name each."""

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.errors import NotFound
from inference.models import Endpoint
from tenants.views import TenantView


class Leaky(TenantView):
    """What a hurried colleague might write: found past both walls."""

    def get(self, request: Request, key: str) -> Response:
        if not Endpoint.objects.unscoped(using="system").filter(id=key).exists():
            raise NotFound("endpoint", key)
        return Response({"object": "endpoint"})


class Oracle(TenantView):
    """Refuses both, and tells which is which."""

    def delete(self, request: Request, key: str) -> Response:
        exists = Endpoint.objects.unscoped(using="system").filter(id=key).exists()
        raise NotFound("endpoint" if exists else "thing", key)


class Open(APIView):
    authentication_classes = ()
    throttle_classes = ()

    def get(self, request: Request) -> Response:
        return Response([])


class Unscoped(TenantView):
    """Demands no scope for what it does."""

    scopes = {}

    def post(self, request: Request) -> Response:
        return Response({})


urlpatterns = [
    path("v1/endpoints/<str:key>", Leaky.as_view()),
    path("v1/endpoints/<str:key>/oracle", Oracle.as_view()),
    path("v1/open", Open.as_view()),
    path("v1/unscoped", Unscoped.as_view()),
    path("v1/strangers/<str:key>", Leaky.as_view()),
]
