"""Many notices told in one message, at the end of a window that the recipient chose: an hour, a day.

`deliveries` decides what belongs into which window; `compose` makes one message of it; `sending` sees to it that there
is one for each person, channel and window, whatever crashes.
"""
