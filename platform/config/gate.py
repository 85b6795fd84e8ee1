"""Production does not begin on insecure ground: whatever process it is, it ends here, naming the check.

Settings are judged when Django is set up. Database roles are judged at a process's first connection through each alias,
before anything is asked of it: a role that row-level security does not bind is refused.
"""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from config.checks import role_faults

_judged: set[str] = set()


def close() -> None:
    """To be called once every app has registered its checks. Raises `ImproperlyConfigured`."""
    if settings.MODE == "production":
        _refuse(run_checks(tags=[Tags.security]))
        connection_created.connect(_judge, dispatch_uid="config.gate")


def _judge(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    if connection.alias not in _judged:
        try:
            _refuse(role_faults(connection))
        except ImproperlyConfigured:
            connection.close()
            raise
        _judged.add(connection.alias)


def _refuse(faults: list[CheckMessage]) -> None:
    errors = [fault for fault in faults if fault.is_serious()]
    if errors:
        raise ImproperlyConfigured("\n".join(f"{fault.id}: {fault.msg}\n\tHINT: {fault.hint}" for fault in errors))
