"""The view every tenant route stands on: key, scope, limits, the tenant's transaction, idempotency, error shape."""

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from django.http.response import HttpResponseBase
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.authentication import principal_of
from api.errors import ApiError
from contracts.prediction import Principal
from tenants.idempotency import once
from tenants.scoping import tenant_context


class TenantView(APIView):
    """Handlers run inside the tenant's context, one transaction a request; an exception leaves nothing behind.

    `scopes` says which scope each method needs. `own_context` is for handlers that stream (uploads, events): they open
    short contexts themselves instead of holding a connection. `secret_fields` of an answer are never stored.
    `deduplicated` protects creations against clients that retry without an Idempotency-Key.
    """

    scopes: ClassVar[dict[str, str]] = {"GET": "read", "POST": "write", "PATCH": "write", "DELETE": "write"}
    own_context: ClassVar[bool] = False
    secret_fields: ClassVar[tuple[str, ...]] = ()
    deduplicated: ClassVar[bool] = False
    rate_limit: dict[str, str]

    @property
    def principal(self) -> Principal:
        return principal_of(self.request)

    @property
    def tenant(self) -> UUID:
        return UUID(self.principal.tenant)

    @property
    def by(self) -> str:
        """The audit log's actor."""
        return f"key:{self.principal.key}"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.rate_limit = {}
        if (request.method or "").lower() not in self.http_method_names or not hasattr(
            self, (request.method or "").lower()
        ):
            raise MethodNotAllowed(request.method or "")
        super().initial(request, *args, **kwargs)
        if "\x00" in request.path:  # no id holds it, and PostgreSQL cannot be asked about it
            raise ApiError(404, "not_found", "There is nothing at this address.")
        needed = self.scopes.get("GET" if request.method == "HEAD" else request.method or "", "read")
        if needed not in self.principal.scopes:
            raise ApiError(403, "missing_scope", f"This key lacks the scope '{needed}'; use one that has it.")

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """DRF's dispatch, with the handler inside the tenant's context."""
        self.args, self.kwargs = args, kwargs
        wrapped = self.initialize_request(request, *args, **kwargs)
        self.request = wrapped
        self.headers = self.default_response_headers
        try:
            self.initial(wrapped, *args, **kwargs)
            handler = getattr(self, (wrapped.method or "").lower())
            response = self._run(lambda: handler(wrapped, *args, **kwargs))
        except Exception as error:  # noqa: BLE001  (the error room tells customers' faults from ours)
            response = self.handle_exception(error)
        for name, value in getattr(self, "rate_limit", {}).items():
            response[name] = value
        self.response = self.finalize_response(wrapped, response, *args, **kwargs)
        return self.response

    def _run(self, handle: Callable[[], Response]) -> Response:
        if self.own_context:
            return handle()
        with tenant_context(self.tenant):
            if self.request.method != "POST":
                return handle()
            return once(self.request, handle, secret_fields=self.secret_fields, deduplicated=self.deduplicated)
