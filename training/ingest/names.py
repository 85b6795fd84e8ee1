"""What columns of a role are usually called."""

import re

# The first is the role's own name and wins; others must be alone.
NAMES: dict[str, tuple[str, ...]] = {
    "text": (
        *("text", "message", "utterance", "sentence", "query", "question", "review", "comment", "content", "body"),
        *("description", "document", "tweet", "headline", "input", "prompt"),
    ),
    "label": (
        *("label", "intent", "category", "class", "target", "sentiment", "topic", "tag", "output", "labels"),
        *("classification", "classlabel"),
    ),
}


def plain(name: str) -> str:
    """A name without case, spaces and punctuation: how names are compared."""
    return re.sub(r"[\W_]+", "", name).lower()


def usual(name: str) -> bool:
    return any(plain(name) in names for names in NAMES.values())
