"""The ASGI application: HTTP goes to Django, WebSockets go to the gateway.

Composition only. `manage.py serve`, `daphne`, `uvicorn` and `manage.py runserver` all load this one object.
"""

import os

import django
from channels.routing import ProtocolTypeRouter

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "realtime.settings")
django.setup(set_prefix=False)

# Imported after Django is set up: the gateway's modules use models.
from realtime import database  # noqa: E402
from realtime.gateway.routing import websocket_application  # noqa: E402
from realtime.request_threads import RequestHandler, RequestThreads  # noqa: E402

database.bound_waits()
application = ProtocolTypeRouter(
    {"http": RequestThreads(RequestHandler()), "websocket": websocket_application}
)
