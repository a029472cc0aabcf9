"""The WebSocket routes. Other Channels consumers of a project are added here beside the gateway."""

from typing import Any

from channels.routing import URLRouter
from django.urls import path

from realtime.gateway.consumer import Gateway

# Typed for Django's views; Channels' router calls it with scope, receive and send.
gateway: Any = Gateway()

websocket_application = URLRouter([path("ws", gateway), path("ws/", gateway)])
