"""Third-party clients, unmodified, against the whole service over real sockets."""
