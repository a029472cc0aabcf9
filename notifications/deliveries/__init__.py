"""Whether each recipient is told over each channel, why or why not, and the sending of what is due.

`rules` decides and knows no database; `decide` asks it for many people at once and writes the answers down;
`sending` takes what is due from the table; `why` says a decision in a sentence.
"""
