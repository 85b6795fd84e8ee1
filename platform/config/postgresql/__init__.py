"""Django's PostgreSQL backend, with a pool that forgets all its connections once one of them is found dead."""
