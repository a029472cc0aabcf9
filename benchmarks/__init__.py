"""How fast, how small, and beside whom: scenarios, peers and the load generator of `make bench`."""
