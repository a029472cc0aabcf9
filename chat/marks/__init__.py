"""What others put on a message: reactions, a pin, acknowledgements, votes. Summed up in one column of its row.

So a page of history reads them without a further query; who changes them holds the message's lock. What is the
reader's own is added where it cannot be seen from the sums (`reading`). Why: docs/decisions/0020-marks.md.
"""
