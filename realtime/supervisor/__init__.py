"""Everything `make run` starts, kept alive together: redis, our server, a Celery worker and beat.

Must never import Django: the supervisor is a small process that starts quickly and outlives its children.
"""
