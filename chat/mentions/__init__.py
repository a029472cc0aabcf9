"""Mentions: whom the text of a message names. Read from it once, on the server, when it is sent or edited.

`names` finds what looks like a name, `resolve` says whom it means and whether they may be told. Who is then told,
and when, is in `chat.telling`; why it is so, in docs/decisions/0017-mentions.md.
"""
