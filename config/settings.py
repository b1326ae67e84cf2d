"""All settings, each from the environment; docs/settings.md explains them one by one."""

from pathlib import Path

from celery.schedules import schedule
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config import env

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "var"), most=1000)).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)

# ── The business ────────────────────────────────────────────────────────────────────────────────────────────────────
BUSINESS_NAME = env.text("BUSINESS_NAME", "Wanamaker", most=80)
BUSINESS_LOGO = env.picture("BUSINESS_LOGO")
BUSINESS_ZONE = env.zone("BUSINESS_TIME_ZONE", "Asia/Shanghai")
CURRENCY = env.currency("CURRENCY", "CNY")
# First orders within 90 days after this day are not known to be new: the shop may have known these customers before.
HISTORY_STARTS = env.day("HISTORY_STARTS", "2020-01-01")
PHONE_REGION = env.region("PHONE_REGION", "CN")

# ── Languages ───────────────────────────────────────────────────────────────────────────────────────────────────────
LANGUAGES_KNOWN = {"zh-hans": _("Chinese"), "en": _("English")}
LANGUAGES = [
    (code, LANGUAGES_KNOWN[code]) for code in env.choices("LANGUAGES", "zh-hans,en", allowed=set(LANGUAGES_KNOWN))
]
LANGUAGE_CODE = LANGUAGES[0][0]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = BUSINESS_ZONE.key

# ── Where it runs ───────────────────────────────────────────────────────────────────────────────────────────────────
DEBUG = env.flag("DEBUG")
SECRET_KEY = env.secret("SECRET_KEY", DATA_DIR / "keys")
# Two keys, so that who can read the digests' key still cannot open the sealed values.
IDENTITY_DIGEST_KEY = env.secret("IDENTITY_DIGEST_KEY", DATA_DIR / "keys")
IDENTITY_SEAL_KEY = env.secret("IDENTITY_SEAL_KEY", DATA_DIR / "keys")
ALLOWED_HOSTS = [host.strip() for host in env.text("ALLOWED_HOSTS", "*", most=2000).split(",")]
SITE_URL = env.text("SITE_URL", "", most=200).rstrip("/")
if SITE_URL and not SITE_URL.startswith(("http://", "https://")):
    raise ImproperlyConfigured("SITE_URL: write the whole address, such as https://shop.example.")
HTTPS = env.flag("HTTPS", SITE_URL.startswith("https://"))
CSRF_TRUSTED_ORIGINS = [SITE_URL] if SITE_URL else []
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
# Left to the proxy and to the owner of the domain: the redirect to HTTPS, and what the name's other sites promise.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
IMPORT_MAX_BYTES = env.number("IMPORT_MAX_MEGABYTES", 500, least=1, most=10_000) * 1_000_000
# How many proxies stand in front: whose X-Forwarded-For is believed.
PROXIES = env.number("PROXIES", 0, least=0, most=5)

DATABASES = {"default": env.database("DATABASE_URL", DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

MEDIA_ROOT = DATA_DIR / "files"  # never served as it is: a view checks who asks
SNAPSHOT_DIR = DATA_DIR / "runs"
STATIC_ROOT = DATA_DIR / "static"
STATIC_URL = "static/"
STATICFILES_DIRS: list[Path | tuple[str, str]] = [BASE_DIR / "static"]
if (BASE_DIR / "node_modules/echarts/dist").is_dir():
    STATICFILES_DIRS.append(("echarts", str(BASE_DIR / "node_modules/echarts/dist")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

CACHES: dict[str, dict[str, object]]
CACHE_URL = env.text("CACHE_URL", "", most=500)
if CACHE_URL:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}}
else:
    CACHES = {
        "default": {
            # Shared by all processes of the machine: limits that each process counts alone would be no limits.
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": DATA_DIR / "cache",
            "OPTIONS": {"MAX_ENTRIES": 20_000},
        }
    }

# ── The worker ──────────────────────────────────────────────────────────────────────────────────────────────────────
CELERY_BROKER_URL = env.text("BROKER_URL", "filesystem://localhost", most=500)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False  # nobody waits for a broker: the row says what is to be done, and beat looks
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
if CELERY_BROKER_URL.startswith("filesystem"):
    BROKER_DIR = DATA_DIR / "broker"
    for _name in ("queue", "control", "processed"):
        (BROKER_DIR / _name).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        # One folder for both directions: what is sent is what is received.
        "data_folder_in": str(BROKER_DIR / "queue"),
        "data_folder_out": str(BROKER_DIR / "queue"),
        "control_folder": str(BROKER_DIR / "control"),
        "store_processed": False,
        "polling_interval": 0.1,  # seconds; the transport's own 1.0 would be felt at every click
    }
# A lost message costs at most this many seconds: beat looks at the waiting rows anyway.
LOOK_EVERY = env.number("LOOK_EVERY_SECONDS", 20, least=1, most=3600)
CELERY_BEAT_SCHEDULE = {
    "imports": {"task": "customers.look", "schedule": schedule(LOOK_EVERY)},
    "runs": {"task": "runs.look", "schedule": schedule(LOOK_EVERY)},
    "reports": {"task": "analytics.look", "schedule": schedule(LOOK_EVERY)},
    "surveys": {"task": "surveys.look", "schedule": schedule(LOOK_EVERY)},
    "places": {"task": "surveys.watch", "schedule": schedule(3600)},
    "suspicious": {"task": "surveys.review", "schedule": schedule(60)},
    "webhooks": {"task": "surveys.deliver", "schedule": schedule(LOOK_EVERY)},
    "codes": {"task": "coupons.look", "schedule": schedule(LOOK_EVERY)},
    "coupons": {"task": "surveys.send_coupons", "schedule": schedule(LOOK_EVERY)},
    "tidy": {"task": "customers.tidy", "schedule": schedule(3600)},
}
WEBHOOK_PRIVATE = env.flag("WEBHOOK_PRIVATE")
# Classes that send messages to guests (surveys.messaging); without one, that way is not offered.
MESSAGE_SMS_BACKEND = env.dotted("MESSAGE_SMS_BACKEND")
MESSAGE_EMAIL_BACKEND = env.dotted("MESSAGE_EMAIL_BACKEND")
_mail = env.mail("EMAIL_URL")
EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD, EMAIL_USE_TLS, EMAIL_USE_SSL = _mail
EMAIL_TIMEOUT = 15  # seconds
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "wanamaker@localhost")
# A job whose worker has been silent for so long is taken up by another.
JOB_LEASE_SECONDS = env.number("JOB_LEASE_SECONDS", 60, least=5, most=3600)

# ── Attribution (docs/metrics.md) ───────────────────────────────────────────────────────────────────────────────────
LOOKBACK_DAYS = env.number("LOOKBACK_DAYS", 90, least=1, most=730)
CONVERSION_WINDOW_DAYS = env.number("CONVERSION_WINDOW_DAYS", 30, least=1, most=365)
WAREHOUSE = env.warehouse("WAREHOUSE")
GROSS_MARGIN = env.share("GROSS_MARGIN", 0.65)
# The next run starts no sooner than so many times the last one's duration after its end.
RUN_REST = env.number("RUN_REST", 5, least=0, most=100)
RUNS_KEPT = env.number("RUNS_KEPT", 20, least=2, most=1000)
RUNS_KEPT_DAILY_DAYS = env.number("RUNS_KEPT_DAILY_DAYS", 90, least=0, most=3650)

# ── Django ──────────────────────────────────────────────────────────────────────────────────────────────────────────
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
AUTH_USER_MODEL = "customers.Staff"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "django_htmx",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "axes",
    "csp",
    "attribution.customers",
    "attribution.evidence",
    "attribution.coupons",
    "attribution.runs",
    "surveys",
    "analytics",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.security.BackOfficePolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "config.errors.RefusalMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "csp.context_processors.nonce",
                "attribution.customers.access.navigation",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.append("django.forms")
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
_password = "django.contrib.auth.password_validation"  # noqa: S105  a module's name
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_password}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_password}.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": f"{_password}.CommonPasswordValidator"},
    {"NAME": f"{_password}.NumericPasswordValidator"},
]
AXES_FAILURE_LIMIT = env.number("LOGIN_FAILURES", 8, least=3, most=100)
AXES_COOLOFF_TIME = 0.25  # hours
AXES_RESET_ON_SUCCESS = True
# Per account and address together: guests and staff share the shop's Wi-Fi, and one must not lock out all.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "registration/locked_out.html"
AXES_IPWARE_PROXY_COUNT = PROXIES
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False  # a lock-out ends by itself

# ── Content security: strict everywhere, the back office's own for /admin/ (config.security) ───────────────────────
CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ["/admin/"],
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    },
}

# Pages a minute that one network may ask for at one place, where guests answer.
GUEST_RATE = env.number("GUEST_RATE", 3000, least=60, most=1_000_000)

# ── API ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["attribution.customers.access.IsManager"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "attribution.customers.api.error_response",
    "DEFAULT_THROTTLE_CLASSES": ["attribution.customers.api.throttle.ApiThrottle"],
    "DEFAULT_THROTTLE_RATES": {"user": env.text("API_RATE", "6000/min", most=20)},
    "NUM_PROXIES": PROXIES,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Wanamaker API",
    "DESCRIPTION": "Orders, redemptions and responses in; channel figures out.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["attribution.customers.access.IsStaffMember"],
}

# The brand's green, from pale to dark, as the back office's design wants it.
_greens: tuple[str, ...] = ("236 253 249", "209 247 238", "166 236 221", "112 217 198", "62 188 168", "27 153 133")
_greens += ("11 110 95", "13 92 80", "15 74 65", "16 62 55", "4 36 32")
UNFOLD = {
    "SITE_TITLE": BUSINESS_NAME,
    "SITE_HEADER": BUSINESS_NAME,
    "SITE_URL": "/",
    "SITE_SYMBOL": "storefront",
    "SHOW_HISTORY": False,
    "COLORS": {"primary": dict(zip(map(str, (50, *range(100, 1000, 100), 950)), _greens, strict=True))},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO").upper()},
    "loggers": {
        "axes": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        "fontTools": {"level": "WARNING"},
    },
}
