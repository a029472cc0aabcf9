"""Real parts for tests: a private redis, a private PostgreSQL, a browser, whole server processes."""
