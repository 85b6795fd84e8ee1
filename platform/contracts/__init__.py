"""Plain frozen values that both sides of a door agree on. Knows no Django, no torch, no S3.

One idea a file: `problems` (what a customer is told), `codec` (JSON), `task` (the customer's ML task), `fine_tune`
and `ingestion` (what a child process is asked to do), `child` (what it says back), `manifest` (what makes a folder
an artifact), `prediction` (one internal request, whatever protocol it came in by).
"""
