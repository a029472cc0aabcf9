"""The WebSocket routes. Other Channels consumers of a project are added here beside the gateway."""

from channels.routing import URLRouter
from django.urls import path

from realtime.gateway.consumer import Gateway

websocket_application = URLRouter([path("ws", Gateway()), path("ws/", Gateway())])
