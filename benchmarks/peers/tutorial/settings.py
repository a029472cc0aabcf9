"""The settings of the Channels tutorial, debugging off; `CHANNEL_LAYER` and `REDIS_URL` choose the layer."""

import os

REDIS_URL = os.environ["REDIS_URL"]

SECRET_KEY = "the-tutorial-signs-nothing"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = [
    "daphne",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ASGI_APPLICATION = "benchmarks.peers.tutorial.asgi.application"

LAYERS = {
    "core": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        # redis-py 8 ends a read after 5 s, which is as long as this layer waits for a message: sockets would die.
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": None}]},
    },
    "pubsub": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL]},
    },
}
CHANNEL_LAYERS = {"default": LAYERS[os.environ["CHANNEL_LAYER"]]}
