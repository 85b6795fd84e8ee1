"""How the console looks and what its sidebar offers: django-unfold's settings."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy


def _link(title: str, icon: str, view: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse_lazy(f"console:{view}")}


def manages_staff(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))


SIDEBAR = [
    {"items": [_link("Overview", "space_dashboard", "index")]},
    {
        "title": "Customers",
        "separator": True,
        "items": [
            _link("Tenants", "domain", "tenants_tenant_changelist"),
            _link("API keys", "key", "tenants_apikey_changelist"),
            _link("Audit log", "history", "tenants_auditlog_changelist"),
        ],
    },
    {
        "title": "Training",
        "separator": True,
        "items": [
            _link("Jobs", "work_history", "jobs_job_changelist"),
            _link("Fine-tunes", "tune", "training_finetune_changelist"),
            _link("Data sets", "dataset", "training_dataset_changelist"),
            _link("Data set versions", "layers", "training_datasetversion_changelist"),
            _link("Models", "deployed_code", "training_model_changelist"),
        ],
    },
    {
        "title": "Inference",
        "separator": True,
        "items": [
            _link("Endpoints", "hub", "inference_endpoint_changelist"),
            _link("Releases", "rocket_launch", "inference_release_changelist"),
        ],
    },
    {
        "title": "Webhooks",
        "separator": True,
        "items": [
            _link("Webhook endpoints", "webhook", "webhooks_webhookendpoint_changelist"),
            _link("Events", "bolt", "webhooks_event_changelist"),
            _link("Deliveries", "outgoing_mail", "webhooks_delivery_changelist"),
        ],
    },
    {
        "title": "Console",
        "separator": True,
        "items": [{**_link("Staff", "badge", "tenants_user_changelist"), "permission": manages_staff}],
    },
]

SEA = {  # the one accent: a quiet blue, light to dark
    "50": "oklch(97.5% .012 230)",
    "100": "oklch(94.5% .025 230)",
    "200": "oklch(89.5% .05 230)",
    "300": "oklch(81.5% .08 230)",
    "400": "oklch(71% .11 232)",
    "500": "oklch(60% .115 234)",
    "600": "oklch(51% .105 236)",
    "700": "oklch(44% .09 238)",
    "800": "oklch(38% .075 240)",
    "900": "oklch(33% .06 242)",
    "950": "oklch(24% .045 244)",
}

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Landfall",
    "SITE_HEADER": "Landfall",
    "SITE_SUBHEADER": "Staff console",
    "SITE_URL": None,
    "SITE_ICON": lambda request: static("console/landfall.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("console/landfall.svg")},
    ],
    "STYLES": [lambda request: static("console/console.css")],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "6px",
    "COLORS": {"primary": SEA},
    "SIDEBAR": {"show_search": False, "navigation": SIDEBAR},
}
