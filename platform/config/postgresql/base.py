"""The engine of every alias: a restarted database costs nobody an error, however many connections lay idle.

psycopg_pool's own check throws away one dead connection at a time and waits longer after each (1 s, 2 s, 4 s ...): four
idle ones outlast any request's patience. Here the first dead one empties the pool.
"""

from typing import Any

from django.db.backends.postgresql import base
from psycopg import Connection, OperationalError
from psycopg_pool import ConnectionPool


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Raises `psycopg_pool.PoolTimeout` where no connection is to be had in time."""
        connection = super().get_new_connection(conn_params)
        pool = self.pool
        if pool is None or _alive(connection):
            return connection
        pool.putconn(connection)
        pool.drain()
        return super().get_new_connection(conn_params)


def _alive(connection: Connection) -> bool:
    """One round trip."""
    try:
        ConnectionPool.check_connection(connection)
    except OperationalError:
        return False
    return True
