"""Files in messages: uploaded first, by HTTP, and then named in a message.

`names`, `sniffing` and `archives` judge what was sent and believe neither its name nor its header; `images` makes
images harmless in a process of its own; `storing` keeps bytes under random names; `views` lets out what the reader
may see now.
Why it is so: docs/decisions/0021-files.md.
"""
