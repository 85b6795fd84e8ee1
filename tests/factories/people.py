"""Alice owns acme, bob works there too, charlie is the outsider of globex: all three are in every test's room."""

import json as json_module
from dataclasses import dataclass
from typing import Any

from asgiref.sync import async_to_sync
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tenants.models import Tenant
from tenants.services import api_keys, tenants


@dataclass(frozen=True)
class Person:
    """Someone with a tenant's key, calling the API in this process."""

    tenant: Tenant
    key: str

    def get(self, path: str, **headers: str) -> Any:
        return self._client().get(path, headers=headers)

    def download(self, path: str) -> bytes:
        """The body of an answer that is streamed."""
        answer = self.get(path)

        async def read() -> bytes:
            return b"".join([piece async for piece in answer.streaming_content])

        return async_to_sync(read)()

    def post(self, path: str, json: Any = None, **headers: str) -> Any:
        return self.send(path, json_module.dumps({} if json is None else json), **headers)

    def send(self, path: str, body: str | bytes, *, content_type: str = "application/json", **headers: str) -> Any:
        """A body exactly as given."""
        return self._client().post(path, data=body, content_type=content_type, headers=headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self._client().delete(path, headers=headers)

    def upload(
        self, content: bytes, *, filename: str = "messages.csv", purpose: str = "fine-tune", **headers: str
    ) -> Any:
        fields = {"file": SimpleUploadedFile(filename, content), "purpose": purpose}
        return self._client().post("/v1/files", fields, headers=headers)

    def _client(self) -> Client:
        return Client(raise_request_exception=False, HTTP_AUTHORIZATION=f"Bearer {self.key}")


def tenant(slug: str) -> Tenant:
    return tenants.create(by="system:test", name=slug.capitalize(), slug=slug)


def person(of: Tenant, name: str) -> Person:
    return Person(tenant=of, key=api_keys.issue_for(of, by="system:test", name=name).secret)
