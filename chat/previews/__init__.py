"""Previews of the pages that messages link to: fetched by a worker, behind the guard for requests into the world.

`links` finds the addresses, `fetching` gets and reads the pages, `services` shows them in messages.
"""
