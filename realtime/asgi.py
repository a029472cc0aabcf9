"""The ASGI application: HTTP goes to Django, WebSockets go to the gateway.

Composition only. `manage.py serve`, `daphne`, `uvicorn` and `manage.py runserver` all load this one object.
"""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "realtime.settings")
django_application = get_asgi_application()

# Imported after Django is set up: the gateway's modules use models.
from realtime import database  # noqa: E402
from realtime.gateway.routing import websocket_application  # noqa: E402
from realtime.request_threads import RequestThreads  # noqa: E402

database.bound_waits()
application = ProtocolTypeRouter(
    {"http": RequestThreads(django_application), "websocket": websocket_application}
)
