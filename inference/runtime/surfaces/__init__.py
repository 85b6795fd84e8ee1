"""One module a protocol: it translates to and from one internal request and knows nothing of models or queues."""
