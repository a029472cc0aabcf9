"""Messages that are sent later, at a time that their author chose.

The tick of the notifications sends what is due, by the way that every message goes, in the one transaction in which the
row goes too: so it is sent once, whatever dies, however many workers there are. What its author may do is asked then.
"""
