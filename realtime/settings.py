"""Django's settings: composition only, every value from the environment with a default that suits `make run`.

Nothing else in the project imports this module. The engine's own settings are the dict `REALTIME`; their
defaults, units and meaning are in `realtime/conf.py`. All variables are listed in docs/operations.
"""

import os
import secrets
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from environs import Env

from realtime.conf import DEFAULTS
from realtime.supervisor.places import redis_socket, var_dir
from realtime.workers import broker, queues
from realtime.workers.messages import Messages

env = Env()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = var_dir(BASE_DIR)

DEBUG = env.bool("DEBUG", False)
TESTING = env.bool("TESTING", False)
# True behind TLS: secure cookies, HSTS, redirects. The proxy must set (and overwrite) X-Forwarded-Proto.
HTTPS = env.bool("HTTPS", False)
PORT = env.int("PORT", 8000)


def _kept_secret_key() -> str:
    """A key made at the first start and kept in `var/`, for installations that do not set SECRET_KEY."""
    path = VAR_DIR / "secret_key"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    key = secrets.token_urlsafe(64)
    with os.fdopen(descriptor, "w") as file:
        file.write(key)
    return key


SECRET_KEY = env.str("SECRET_KEY", "") or _kept_secret_key()
# Keys of before: what they signed and sealed is still read.
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
# Exact origins (scheme, host, port) whose pages may open a socket or post a form.
ORIGINS = env.list(
    "REALTIME_ORIGINS", [f"http://{host}:{PORT}" for host in ("localhost", "127.0.0.1", "[::1]")]
)

# Where links in messages outside the app lead to.
SITE_URL = env.str("SITE_URL", ORIGINS[0] if ORIGINS else "").rstrip("/")

INSTALLED_APPS = [
    "daphne",  # first: gives `runserver` WebSockets
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "servestatic",
    "channels",
    "ninja",
    "csp",
    "django_vite",
    "django_celery_beat",
    "realtime",
    "realtime.log",
    "realtime.live",
    "realtime.jobs",
    "accounts",
    "notifications",
    "chat",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "realtime.urls"
ASGI_APPLICATION = "realtime.asgi.application"

FRONTEND_DIST = BASE_DIR / "frontend" / "app" / "dist"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "frontend" / "templates"],
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

# Database ---------------------------------------------------------------------------------------------

DATABASE_URL = env.str("DATABASE_URL", "") or f"sqlite:///{VAR_DIR / 'carillon.sqlite3'}"


def _database() -> dict[str, object]:
    # An inner Env reads the computed URL by the same parser that reads a given one.
    os.environ["_CARILLON_DATABASE_URL"] = DATABASE_URL
    try:
        config: dict[str, object] = dict(env.dj_db_url("_CARILLON_DATABASE_URL"))
    finally:
        del os.environ["_CARILLON_DATABASE_URL"]
    # Under ASGI a kept connection belongs to a thread that may never run again; the pool below is bounded.
    config["CONN_MAX_AGE"] = 0
    if config["ENGINE"] == "django.db.backends.sqlite3":
        config["OPTIONS"] = {
            # Take the write lock at BEGIN: upgrading a read lock later fails at once instead of waiting.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # NORMAL survives every crash of a process; a power cut may lose the last commits. FULL does not.
            "init_command": (
                "PRAGMA journal_mode=WAL;"
                f"PRAGMA synchronous={env.str('SQLITE_SYNCHRONOUS', 'NORMAL')};"
                "PRAGMA cache_size=-16000;"
            ),
        }
        # A file, because an in-memory test database is one connection shared by all threads.
        config["TEST"] = {"NAME": f"{config['NAME']}.test"}
    elif config["ENGINE"] == "django.db.backends.postgresql":
        pool = {
            "min_size": 2,
            "max_size": env.int("DATABASE_POOL_SIZE", 12),
            "timeout": 2,
            # Whoever needs a connection tries at once; the pool's own attempts come at ever longer intervals, and
            # while one is pending everybody waits for it.
            "reconnect_timeout": 0,
        }
        config["OPTIONS"] = {
            "pool": False if TESTING else pool,
            # A machine that is gone without a word: noticed while connecting, idle, and sending.
            "connect_timeout": 3,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "tcp_user_timeout": 10_000,
            # The hot path's statements are planned once for each connection (`realtime.rows`); Django's own each time.
            # Behind PgBouncer that needs its version 1.21 or newer; DATABASE_PREPARE=false does without.
            "prepare_threshold": 1 if env.bool("DATABASE_PREPARE", True) else None,
        }
    return config


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Redis, Channels, Celery ------------------------------------------------------------------------------

REDIS_URL = env.str("REDIS_URL", "") or f"unix://{redis_socket(VAR_DIR)}?db=0"
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "realtime.layer.RedisLayer",
        # The hub's one channel per process carries what all its sockets follow.
        "CONFIG": {"url": REDIS_URL, "channel_capacity": {"hub*": 4096}},
    }
}


CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", "") or broker.beside(REDIS_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = broker.options(CELERY_BROKER_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_IGNORE_RESULT = True
# A task that dies with its worker runs again: every task here is idempotent and resumes.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONSUMER = "realtime.workers.consumer:Consumer"
# Due work sits in a table, so a message that cannot be published now is found by the next tick: fail fast.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_QUEUES = queues.QUEUES
CELERY_TASK_DEFAULT_QUEUE = queues.DEFAULT
CELERY_TASK_ROUTES = [queues.ROUTES]
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TIMEZONE = "UTC"

# How messages look: json, msgpack or yaml; none, zlib or bzip2. While it changes, CELERY_ACCEPT names old and new.
TASK_MESSAGES = Messages(
    serializer=env.str("CELERY_SERIALIZER", "json"),
    accept=tuple(env.list("CELERY_ACCEPT", [])),
    compression=env.str("CELERY_COMPRESSION", "none"),
    allow_pickle=env.bool("CELERY_ALLOW_PICKLE", False),
    key=env.str("CELERY_SECURITY_KEY", ""),
    certificate=env.str("CELERY_SECURITY_CERTIFICATE", ""),
    cert_store=env.str("CELERY_SECURITY_CERT_STORE", ""),
)
CELERY_TASK_SERIALIZER = TASK_MESSAGES.task_serializer
CELERY_ACCEPT_CONTENT = TASK_MESSAGES.accept_content
CELERY_TASK_COMPRESSION = TASK_MESSAGES.task_compression

CELERY_BEAT_SCHEDULER = "realtime.workers.beat.Beat"
# Beat answers `celery inspect ping`, and is silent once it has not ticked for so long.
CELERY_BEAT_ENABLE_REMOTE_CONTROL = True
CELERY_BEAT_REMOTE_CONTROL_MAX_TICK_AGE = 10.0
# What runs more often than once a minute ticks in beat itself; the rest are rows that an administrator may reschedule.
CELERY_BEAT_SCHEDULE = {
    "notifications.tick": {"task": "notifications.tasks.tick", "schedule": 1.0, "options": {"expires": 5}},
    # Whoever starts a job asks for a tick at once: these find what was lost.
    "realtime.jobs.tick": {"task": "realtime.jobs.tasks.tick", "schedule": 5.0, "options": {"expires": 5}},
    "realtime.jobs.retain": {
        "task": "realtime.jobs.tasks.retain",
        "schedule": 3600.0,
        "options": {"expires": 3000},
    },
    "realtime.retain": {
        "task": "realtime.log.tasks.retain",
        "schedule": 3600.0,
        "options": {"expires": 3000},
    },
    "accounts.purge": {"task": "accounts.tasks.purge", "schedule": 3600.0, "options": {"expires": 3000}},
    "notifications.retain": {
        "task": "notifications.tasks.retain",
        "schedule": 3600.0,
        "options": {"expires": 3000},
    },
}

# The engine -------------------------------------------------------------------------------------------

# A file in a message, at most; the proxy has to let a little more through (client_max_body_size).
MAX_FILE_BYTES = env.int("MAX_FILE_BYTES", 52_428_800)

REALTIME = {
    "AUTHENTICATION": "accounts.authentication",
    "ORIGINS": ORIGINS,
    "MAX_BODY_BYTES_BY_PATH": {
        **DEFAULTS["MAX_BODY_BYTES_BY_PATH"],
        # A picture and a list of people; the proxy lets as much through.
        "/admin/notifications/broadcast/": 9_437_184,
        # A file and the form around it.
        "/api/files": MAX_FILE_BYTES + 65_536,
    },
    # Any number of realtime/conf.py, by a variable such as REALTIME_HELLO_TIMEOUT_S=5.
    **{
        name: (env.float if isinstance(default, float) else env.int)(f"REALTIME_{name}")
        for name, default in DEFAULTS.items()
        if isinstance(default, (int, float)) and f"REALTIME_{name}" in os.environ
    },
}

CHAT: dict[str, object] = {
    "max_file_bytes": MAX_FILE_BYTES,
    "max_user_bytes": env.int("MAX_FILE_BYTES_PER_USER", 2_147_483_648),
    # Whether pages that messages link to are fetched at all.
    "link_previews": env.bool("LINK_PREVIEWS", True),
}

# Accounts and security --------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_URL = "/admin/login/"
LOGIN_REDIRECT_URL = "/"

# In the database, not a cache: log-in must work while Redis is away.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_TRUSTED_ORIGINS = ORIGINS
SECURE_SSL_REDIRECT = HTTPS
# Container health checks speak plain HTTP to the port itself.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", 31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF, *(origin.replace("http", "ws", 1) for origin in ORIGINS if "[" not in origin)],
        "font-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# Static files -----------------------------------------------------------------------------------------

STATIC_URL = "/static/"
# Set only where `collectstatic` ran (container images); otherwise files are served from where they lie.
STATIC_ROOT = env.str("STATIC_ROOT", "") or None
STATICFILES_DIRS = [FRONTEND_DIST] if FRONTEND_DIST.is_dir() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Results of jobs, which no URL serves: web and worker processes have to share it.
    "jobs": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": env.path("JOB_FILES", VAR_DIR / "jobs"),
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    # Files in messages, which no URL serves either. FILES_STORAGE is another storage and its options, as JSON.
    "files": env.json("FILES_STORAGE", {})
    or {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": env.path("FILES", VAR_DIR / "files"),
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {
        "BACKEND": "servestatic.storage.CompressedStaticFilesStorage"
        if STATIC_ROOT
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
# Where the proxy has an internal location over the folder of files, such as "/stored-files/": it then sends them.
FILES_ACCEL = env.str("FILES_ACCEL", "")
# A function of an open file and its name, "package.module.function": "" lets it in, a reason refuses it.
FILE_SCANNER = env.str("FILE_SCANNER", "")
# Served from the root of the site: the service worker, which rules what lies below it.
SERVESTATIC_ROOT = FRONTEND_DIST / "root"
SERVESTATIC_USE_FINDERS = STATIC_ROOT is None
SERVESTATIC_AUTOREFRESH = DEBUG
SERVESTATIC_ALLOW_ALL_ORIGINS = False
# Vite puts a hash of the content into these names.
SERVESTATIC_IMMUTABLE_FILE_TEST = r"/assets/.+-[0-9A-Za-z_-]{8}\.\w+$"
DJANGO_VITE = {"default": {"dev_mode": False, "manifest_path": FRONTEND_DIST / ".vite" / "manifest.json"}}

# E-mail, push, webhooks: each off until it is set up ---------------------------------------------------

EMAIL_HOST = env.str("EMAIL_HOST", "")
EMAIL_USE_SSL = env.bool("EMAIL_USE_SSL", False)
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", bool(EMAIL_HOST) and not EMAIL_USE_SSL)
EMAIL_PORT = env.int("EMAIL_PORT", 465 if EMAIL_USE_SSL else 587)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
# Or any other backend, such as those of django-anymail, whose own settings are ANYMAIL, as JSON.
EMAIL_BACKEND = env.str("EMAIL_BACKEND", "") or (
    f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'dummy'}.EmailBackend"
)
EMAIL_TIMEOUT = 10
ANYMAIL = {"REQUESTS_TIMEOUT": 10, **dict(env.json("ANYMAIL", {}))}
DEFAULT_FROM_EMAIL = (
    env.str("EMAIL_FROM", "") or f"Carillon <carillon@{urlsplit(SITE_URL).hostname or 'localhost'}>"
)

WEB_PUSH = {
    # `manage.py push_keys` makes one. Browsers are bound to it: another one needs them to subscribe again.
    "private_key": env.str("WEB_PUSH_PRIVATE_KEY", ""),
    # Whom a push service may ask about what we send: a mailto: or https: address.
    "contact": env.str("WEB_PUSH_CONTACT", "") or f"mailto:{parseaddr(DEFAULT_FROM_EMAIL)[1]}",
}
FCM = {
    # The file with the key of a service account.
    "service_account": env.str("FCM_SERVICE_ACCOUNT", ""),
    "url": env.str("FCM_URL", "https://fcm.googleapis.com"),
}
# What carries notifications out of the app.
NOTIFICATION_CHANNELS = [
    f"notifications.channels.{name}"
    for name in ("email", "web_push", "webhook", *(["fcm"] if FCM["service_account"] else []))
]
# Networks, such as 10.1.0.0/16, that webhooks, push and feeds may reach although they are private.
OUTBOUND_ALLOW: list[str] = env.list("OUTBOUND_ALLOW", [])
# Addresses that are asked every hour, or so, and whose answers are told: see notifications/feeds/configuration.py.
NOTIFICATION_FEEDS = env.json("NOTIFICATION_FEEDS", [])

# Language, time, logs ---------------------------------------------------------------------------------

LANGUAGE_CODE = env.str("LANGUAGE_CODE", "en")
# What people may choose for what reaches them outside the page. Each app has its words in its folder `locale`.
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("ar", "العربية")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname[0]} {name}: {message}", "style": "{", "datefmt": "%H:%M:%S"}
    },
    "filters": {"first_line": {"()": "realtime.celery.FirstLineOnly"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
    "loggers": {
        # Django's own handlers would print twice what the root prints.
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        # Notes about endpoints and HTTP/2 that ask nobody to do anything.
        "daphne": {"level": "WARNING"},
        # A line for each tick of beat, sent and received, says nothing.
        "celery.beat": {"level": "WARNING", "filters": ["first_line"]},
        "django_celery_beat.schedulers": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
    },
}
