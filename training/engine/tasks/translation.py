"""The recipe for a sentence in another language."""

LAYOUT = "Sentence:\n{text}\n\nTranslation:\n"


def without_network(asked: list[str]) -> dict[str, list[str]]:
    """As it stands: names, numbers and signs are often the same."""
    return {"sentence as it stands": asked}
