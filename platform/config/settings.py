"""Every setting, read from the environment once. The same code runs embedded and in production.

LANDFALL_MODE says which: `production` (the default: refuses insecure values, see `config.checks`), `embedded` (one
machine, from wheels), `development`. docs/operations.md lists the variables.
"""

from pathlib import Path

from config import env
from config.databases import ALIASES, database

ROOT = Path(__file__).resolve().parents[2]
MODE = env.choice("LANDFALL_MODE", "production", ("production", "embedded", "development"))
STATE = Path(env.text("LANDFALL_STATE", str(ROOT / ".landfall")))  # caches and scratch folders of this machine
BASE_URL = env.text("LANDFALL_BASE_URL", "http://127.0.0.1:8000").rstrip("/")
RUNTIME_URL = env.text("LANDFALL_RUNTIME_URL", "http://127.0.0.1:8100").rstrip("/")
RUNTIME_HOST = env.text("LANDFALL_RUNTIME_HOST", "127.0.0.1")  # where the runtime process listens
RUNTIME_PORT = env.number("LANDFALL_RUNTIME_PORT", 8100, low=0, high=65_535)  # 0: any free one

INSECURE_SECRET_KEY = "insecure-development-key"  # noqa: S105  (config.checks refuses it in production)
SECRET_KEY = env.text("LANDFALL_SECRET_KEY", INSECURE_SECRET_KEY)
DEBUG = env.flag("LANDFALL_DEBUG")
ALLOWED_HOSTS = env.words("LANDFALL_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]" if MODE != "production" else "")
CSRF_TRUSTED_ORIGINS = [BASE_URL]
USE_TLS = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = USE_TLS
SECURE_HSTS_SECONDS = 31_536_000 if USE_TLS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("LANDFALL_BEHIND_PROXY") else None

# Data stores
POOL = env.number("LANDFALL_DATABASE_POOL", 10, low=1, high=200)
DATABASES = {
    alias: database(url, variable=variable, pool=None if alias == "owner" else POOL)
    for alias, variable in ALIASES.items()
    if (url := env.text(variable) if alias == "default" else env.optional(variable))
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LISTEN_URL = env.optional("DATABASE_SYSTEM_URL") or ""  # LISTEN needs a connection of its own, outside any pool
REDIS_URL = env.text("REDIS_URL", "redis://127.0.0.1:6379/0")
S3 = {
    "endpoint_url": env.optional("S3_ENDPOINT_URL"),  # None: AWS itself
    "public_endpoint_url": env.optional("S3_PUBLIC_ENDPOINT_URL"),  # as customers reach it; None: the same
    "access_key_id": env.optional("S3_ACCESS_KEY_ID"),  # None: boto3's own chain (instance role)
    "secret_access_key": env.optional("S3_SECRET_ACCESS_KEY"),
    "bucket": env.text("S3_BUCKET", "landfall"),
    "region": env.text("S3_REGION", "us-east-1"),
}

# Times of jobs, in seconds.
LEASE_S = env.number("LANDFALL_LEASE_S", 60, low=2, high=3600)
HEARTBEAT_S = env.number("LANDFALL_HEARTBEAT_S", 10, low=1, high=600)
RECONCILE_S = env.number("LANDFALL_RECONCILE_S", 5, low=1, high=600)
MAX_ATTEMPTS = env.number("LANDFALL_MAX_ATTEMPTS", 3, low=1, high=20)
CHECKPOINT_S = env.number("LANDFALL_CHECKPOINT_S", 30, low=1, high=3600)
JOB_MEMORY_MB = env.number("LANDFALL_JOB_MEMORY_MB", 8_192, low=256, high=1_000_000)
JOB_TIME_S = env.number("LANDFALL_JOB_TIME_S", 21_600, low=10, high=10_000_000)
BASE_MODELS = env.optional("LANDFALL_BASE_MODELS")  # JSON file with the deployment's own base models
UPLOAD_LIMIT_BYTES = env.number("LANDFALL_UPLOAD_LIMIT_MB", 1_024, low=1, high=100_000) * 1_048_576
REQUESTS_PER_MINUTE = env.number("LANDFALL_REQUESTS_PER_MINUTE", 1_200, low=1, high=1_000_000)

# Webhooks: only the embedded machine may deliver to itself
WEBHOOKS_ALLOW_LOOPBACK = env.flag("LANDFALL_WEBHOOKS_ALLOW_LOOPBACK")

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "tenants",
    "webhooks",
    "jobs",
    "training",
    "inference",
    "console",
    "embedded",
    "config.apps.ConfigConfig",  # last: every app's checks are known to it
]
MIDDLEWARE = [
    "api.request_id.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls"
APPEND_SLASH = False
ASGI_APPLICATION = "config.onebox.app"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
AUTH_USER_MODEL = "tenants.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/console/login/"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
STATIC_URL = "/static/"
STATIC_ROOT = env.optional("LANDFALL_STATIC_ROOT")  # where an image collected them; else served from the packages
WHITENOISE_USE_FINDERS = STATIC_ROOT is None
# Uploads stream to the object store; only the other form fields are held in memory.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
DATA_UPLOAD_MAX_NUMBER_FILES = 1

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.authentication.KeyAuthentication"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "api.negotiation.FirstRenderer",
    "DEFAULT_PARSER_CLASSES": ["api.parsing.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["api.throttling.KeyThrottle"],
    "EXCEPTION_HANDLER": "api.errors.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Landfall",
    "DESCRIPTION": "Upload data, define a task, fine-tune a model, call your own endpoint.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": [],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVERS": [{"url": BASE_URL}],
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/v1",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"redact": {"()": "api.redaction.SecretFilter"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["redact"]}},
    "root": {"handlers": ["stderr"], "level": env.text("LANDFALL_LOG_LEVEL", "INFO")},
    "loggers": {"botocore": {"level": "WARNING"}, "httpx": {"level": "WARNING"}, "urllib3": {"level": "WARNING"}},
}
