"""Marking unread from a message on: the read mark goes back, on all devices of the person.

`room_read` raises the mark and `room_unread` lowers it, and several devices do both at once. So a member's
`unread_version` counts how often the mark went back: a read that a device sent before it learned of that knows a lower
version, and changes nothing. And `unread_as_of` is the room's last message at that moment: one's own messages come on
the room's stream and raise the mark too, and only those after that one may, in whatever order the two streams arrive.
"""
