"""What can go wrong in the channel layer."""


class LayerUnavailable(ConnectionError):
    """Redis did not confirm in time. Whether the message was delivered is unknown, so it may arrive yet."""
