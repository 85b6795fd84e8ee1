"""One file a room: what the console shows of its nouns."""
