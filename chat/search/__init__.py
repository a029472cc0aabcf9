"""Search over everything that one may see: the messages of the rooms one is in now.

`words` takes texts apart, `query` reads what somebody looks for (both pure), `index` keeps the index, `candidates` asks
it, `selectors` puts an answer together. Why it is so: docs/decisions/0022-search.md.
"""
