"""One machine, from wheels alone: a real PostgreSQL, Redis and S3 server, and our own processes under a supervisor.

Knows no other room but the contracts: the rest is started as processes and asked over HTTP.
"""
