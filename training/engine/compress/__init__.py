"""A published model made smaller and faster, measured, and kept only where it holds what was asked of it."""
