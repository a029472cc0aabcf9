"""Django's entry to the chat app."""

import pkgutil
from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ChatConfig(AppConfig):
    """Has the tick tell people of what concerns them, index messages, see to links, and forget what is over."""

    name = "chat"
    verbose_name = "Chat"

    def ready(self) -> None:
        from chat.slash import own  # noqa: F401  (declares them)

        self._load_features()
        autodiscover_modules("slash", "message_filters")
        from chat import amending, receivers, telling  # noqa: F401  (connects them)
        from chat.files import services as files
        from chat.hooks import calling
        from chat.moderation import audit, registering, retention
        from chat.presence import delivered  # noqa: F401  (registers what is told of pongs)
        from chat.presence import services as presence
        from chat.previews import services as previews
        from chat.previews.tasks import hand_out
        from chat.richtext import backfill
        from chat.search import index
        from chat.tasks import call_hooks
        from notifications.upkeep import register_upkeep

        register_upkeep(index.anything_to_index, index.index_some)
        register_upkeep(telling.anything_due, telling.tell_some)
        register_upkeep(amending.anything_to_forget, amending.forget_some)
        register_upkeep(retention.anything_old, retention.trim_some)
        register_upkeep(audit.anything_old, audit.trim_some)
        registering.register()
        register_upkeep(backfill.anything_to_render, backfill.render_some)
        register_upkeep(calling.anything_due, call_hooks)
        register_upkeep(presence.anything_over, presence.end_some)
        register_upkeep(files.anything_to_forget, files.forget_some)
        register_upkeep(previews.anything_due, hand_out)
        register_upkeep(previews.anything_to_forget, previews.forget_some)

    def _load_features(self) -> None:
        """Each folder is a feature, with events and commands of its own, which the engine does not load, work for the
        tick, and what search finds of it.
        """
        for module in pkgutil.iter_modules([self.path]):
            for registry in ("events", "commands", "upkeep", "findable"):
                name = f"chat.{module.name}.{registry}"
                if module.ispkg and find_spec(name) is not None:
                    import_module(name)
