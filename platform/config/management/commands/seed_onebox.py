"""Two example tenants with keys and one member of staff, so that a fresh one-machine stack can be used at once."""

import json
import secrets
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tenants.models import Tenant, User
from tenants.services import api_keys, tenants

STAFF_USER = "staff@landfall.example"


class Command(BaseCommand):
    help = "Create tenants acme and globex, their keys and a staff user; write the secrets to --file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--file", type=Path, required=True, help="JSON file to write (mode 0600)")

    def handle(self, *args: Any, **options: Any) -> None:
        target: Path = options["file"]
        if target.exists():
            self.stdout.write("Already seeded.")
            return
        found = {f"{slug}_key": self._key(slug) for slug in ("acme", "globex")}
        password = secrets.token_urlsafe(16)
        User.objects.filter(email=STAFF_USER).delete()
        User.objects.create_superuser(STAFF_USER, password)
        target.touch(mode=0o600)
        target.write_text(json.dumps({**found, "staff_user": STAFF_USER, "staff_password": password}))
        self.stdout.write("Seeded tenants acme and globex.")

    def _key(self, slug: str) -> str:
        tenant = tenants.find(slug) or tenants.create(by="system:seed", name=slug.capitalize(), slug=slug)
        return issue(tenant)


def issue(tenant: Tenant) -> str:
    """A new key of the tenant; the secret exists nowhere else."""
    return api_keys.issue_for(tenant, by="system:seed", name="onebox").secret
