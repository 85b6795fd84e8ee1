"""The pool of connections against a database that lost them all."""

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import psycopg
import pytest
from django.db import connection, connections

IDLE = 8


@pytest.fixture
def idle(database: None) -> None:
    """As many connections lie in the pool as that many requests at once leave there."""
    barrier = Barrier(IDLE, timeout=20)

    def ask(_: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        barrier.wait()
        connection.close()

    with ThreadPoolExecutor(IDLE) as threads:
        list(threads.map(ask, range(IDLE)))
    connections.close_all()


def test_a_restarted_database_costs_the_next_request_neither_an_error_nor_a_wait(idle: None) -> None:
    pool = connection.pool  # type: ignore[attr-defined]
    assert pool.get_stats()["pool_available"] >= IDLE
    with psycopg.connect(os.environ["DATABASE_ADMIN_URL"], autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'landfall_app' AND datname = %s",
            [connection.settings_dict["NAME"]],
        )
    before = pool.get_stats()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
    assert pool.get_stats()["requests_num"] - before["requests_num"] <= 2  # the dead one, and a new one
