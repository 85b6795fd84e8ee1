"""A report as JSON or as one self-contained page: what the reports of models and of data sets share."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from contracts.problems import Problem

FORMATS = ("json", "html")
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:"
PARAMETER = OpenApiParameter("format", str, enum=list(FORMATS), description="By the Accept header when left out.")
RESPONSES = {(200, "application/json"): OpenApiTypes.OBJECT, (200, "text/html"): OpenApiTypes.STR}


def asked_format(request: Request) -> str:
    """ "json" or "html". Raises `Problem` for another one."""
    wants_page = "text/html" in request.headers.get("Accept", "")
    form: str = request.query_params.get("format", "html" if wants_page else "json")
    if form not in FORMATS:
        raise Problem("invalid_choice", "format must be 'json' or 'html'.", param="format")
    return form


def answer(content: bytes, form: str) -> HttpResponse:
    """Nothing in the page may load or run anything, whatever a customer's words in it try."""
    response = HttpResponse(content, content_type="text/html" if form == "html" else "application/json")
    response["Content-Security-Policy"] = POLICY
    return response
