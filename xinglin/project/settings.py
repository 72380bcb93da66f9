"""Settings. Every default is the safe one; what an operator may change is an environment variable named here.

==============================  ========================================================================================
``DATABASE_URL``                PostgreSQL 15 or newer; embedded when absent
``XINGLIN_APP_PASSWORD``        password of the application role, for a server that asks for one
``XINGLIN_HOME``                database, keys and files; default ``./var``
``XINGLIN_TENANT``              the county this deployment serves; row security is bound to it
``XINGLIN_HOSTS``               comma-separated host names; default loopback
``XINGLIN_TLS``                 ``off`` only on loopback without a TLS front end: cookies are then sent over plain HTTP
``XINGLIN_VIDEO_SECRET``        with a video server of one's own (jitsi): the key that signs who may enter a room
``XINGLIN_DICOMWEB_ARCHIVE``    an outside archive of images: address of its DICOMweb service; empty: images stay on disk
``XINGLIN_DICOMWEB_USER``       our account there, with ``XINGLIN_DICOMWEB_PASSWORD``
``XINGLIN_DICOMWEB_PASSWORD``   its password
``XINGLIN_DICOMWEB_KEEP_DAYS``  days for which archived images stay on our disk, too; default 30
``XINGLIN_DICOMWEB_CACHE_MB``   most room, in MB, for images read back from the archive; default 4096
``XINGLIN_FACTS_MEMORY``        memory of one computation of figures; default ``4GB``
``XINGLIN_KEYS``                folder of the key files; default ``$XINGLIN_HOME/keys``
``XINGLIN_ANCHORS``             folder, best on another machine, where the head of the audit chain is written every hour
==============================  ========================================================================================
"""

import os
import secrets
from pathlib import Path

from xinglin.project import database

BASE_DIR = Path(__file__).resolve().parents[2]
HOME = database.home()
KEYS_DIR = Path(os.environ.get("XINGLIN_KEYS", HOME / "keys"))
FILES_DIR = HOME / "files"
FACTS_DIR = HOME / "facts"
#: Memory of one computation of figures; beyond it, DuckDB writes to files.
FACTS_MEMORY = os.environ.get("XINGLIN_FACTS_MEMORY", "4GB")
ANCHORS_DIR = Path(os.environ.get("XINGLIN_ANCHORS", HOME / "anchors"))
DEFINITIONS_DIR = BASE_DIR / "definitions"
COUNTY_DEFINITIONS_DIR = HOME / "definitions"
TENANT = os.environ.get("XINGLIN_TENANT", "county")
DICOMWEB_ARCHIVE = os.environ.get("XINGLIN_DICOMWEB_ARCHIVE", "")
DICOMWEB_USER = os.environ.get("XINGLIN_DICOMWEB_USER", "")
DICOMWEB_PASSWORD = os.environ.get("XINGLIN_DICOMWEB_PASSWORD", "")
DICOMWEB_KEEP_DAYS = int(os.environ.get("XINGLIN_DICOMWEB_KEEP_DAYS", "30"))
DICOMWEB_CACHE_MB = int(os.environ.get("XINGLIN_DICOMWEB_CACHE_MB", "4096"))
VIDEO_SECRET = os.environ.get("XINGLIN_VIDEO_SECRET", "")


def _secret(name: str) -> str:
    """Read a secret from the key folder, making it on the first start: there is no default secret to forget."""
    path = KEYS_DIR / name
    if not path.exists():
        KEYS_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with path.open("x") as file:
                path.chmod(0o600)
                file.write(secrets.token_urlsafe(64))
        except FileExistsError:
            pass
    return path.read_text()


SECRET_KEY = _secret("django-secret")
DEBUG = os.environ.get("XINGLIN_DEBUG") == "on"
ALLOWED_HOSTS = os.environ.get("XINGLIN_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
TLS = os.environ.get("XINGLIN_TLS", "on") != "off"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "django_cotton.apps.SimpleAppConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "ninja",
    "procrastinate.contrib.django",
    "xinglin.platform.apps.PlatformConfig",
    "xinglin.web.apps.WebConfig",
    "xinglin.accounts.apps.AccountsConfig",
    "xinglin.network.apps.NetworkConfig",
    "xinglin.residents.apps.ResidentsConfig",
    "xinglin.visits.apps.VisitsConfig",
    "xinglin.followups.apps.FollowupsConfig",
    "xinglin.contracts.apps.ContractsConfig",
    "xinglin.institutions.apps.InstitutionsConfig",
    "xinglin.readings.apps.ReadingsConfig",
    "xinglin.diagnostics.apps.DiagnosticsConfig",
    "xinglin.recognition.apps.RecognitionConfig",
    "xinglin.imaging.apps.ImagingConfig",
    "xinglin.centres.apps.CentresConfig",
    "xinglin.pathology.apps.PathologyConfig",
    "xinglin.exchange.apps.ExchangeConfig",
    "xinglin.laboratory.apps.LaboratoryConfig",
    "xinglin.labcontrol.apps.LabcontrolConfig",
    "xinglin.consultations.apps.ConsultationsConfig",
    "xinglin.referrals.apps.ReferralsConfig",
    "xinglin.programmes.apps.ProgrammesConfig",
    "xinglin.checkups.apps.CheckupsConfig",
    "xinglin.points.apps.PointsConfig",
    "xinglin.pocket.apps.PocketConfig",
    "xinglin.notifications.apps.NotificationsConfig",
    "xinglin.workbench.apps.WorkbenchConfig",
    "xinglin.indicators.apps.IndicatorsConfig",
    "xinglin.submissions.apps.SubmissionsConfig",
    "xinglin.evaluations.apps.EvaluationsConfig",
    "xinglin.project.apps.ProjectConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "xinglin.web.programs.ProgramsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "xinglin.accounts.middleware.ActorMiddleware",
    "xinglin.web.middleware.DomainErrorMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "xinglin.project.urls"
WSGI_APPLICATION = "xinglin.project.wsgi.application"

_LOADERS = [
    "django_cotton.cotton_loader.Loader",
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    _LOADERS if DEBUG else [("django.template.loaders.cached.Loader", _LOADERS)],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "xinglin.web.templatetags.xinglin",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "xinglin.web.context.chrome",
            ],
        },
    }
]

DATABASES = {
    "default": database.django_settings(
        database.with_user(
            database.ensure_url(),
            os.environ.get("XINGLIN_DATABASE_ROLE", database.APP_ROLE),
            os.environ.get("XINGLIN_APP_PASSWORD", ""),
        ),
        tenant=TENANT,
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Sign-in -------------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

# Sessions ------------------------------------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = TLS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_SECURE = TLS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "xinglin.web.faults.no_token"
SECURE_HSTS_SECONDS = 31_536_000 if TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = TLS
SECURE_HSTS_PRELOAD = TLS
SECURE_SSL_REDIRECT = TLS
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if os.environ.get("XINGLIN_BEHIND_PROXY") == "on" else None
)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "worker-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# Uploads: a file is streamed to disk above this size; what is too large is refused by the action that takes it.
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000

# Language and time ---------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "xinglin_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

# Static files --------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATICFILES_FINDERS = [
    "xinglin.web.storage.VendoredFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
#: Of each front-end package what pages name, not its sources, maps and other builds.
STATICFILES_VENDORED = (
    "vendor/htmx/htmx.min.js",
    "vendor/echarts/echarts.min.js",
    "vendor/leaflet/leaflet.js",
    "vendor/leaflet/leaflet.css",
    "vendor/leaflet/images/*",
    "vendor/openseadragon/openseadragon.min.js",
    "vendor/openseadragon/images/*",
)
STATICFILES_DIRS = [
    ("vendor/htmx", BASE_DIR / "node_modules" / "htmx.org" / "dist"),
    ("vendor/echarts", BASE_DIR / "node_modules" / "echarts" / "dist"),
    ("vendor/leaflet", BASE_DIR / "node_modules" / "leaflet" / "dist"),
    ("vendor/openseadragon", BASE_DIR / "node_modules" / "openseadragon" / "build" / "openseadragon"),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "xinglin.web.storage.StaticStorage"},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"scrub": {"()": "xinglin.platform.logs.ScrubIdentifiers"}},
    "formatters": {"line": {"format": "{asctime} {levelname:<7} {name}: {message}", "style": "{"}},
    # The level stands at the handler: what a library's own logger lets through is measured by it, too.
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["scrub"],
            "level": os.environ.get("XINGLIN_LOG", "WARNING"),
        }
    },
    "root": {"handlers": ["console"], "level": os.environ.get("XINGLIN_LOG", "WARNING")},
}

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

from xinglin.accounts.conf import *  # noqa: E402, F403 - sign-in settings live with what they set
