"""The recipe for an answer to a prompt."""

LAYOUT = "### Prompt:\n{text}\n\n### Answer:\n"


def without_network(asked: list[str]) -> dict[str, list[str]]:
    """Nothing that is worth a try: a prompt seldom holds its answer."""
    return {}
