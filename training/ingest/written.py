"""Options of how a file is written that make no sense, by themselves or for its format: refused, never ignored."""

from contracts.ingestion import DOCUMENTS, IngestionSpec, Written
from contracts.problems import Fault, Problem, echo

TEXTS = ("csv", "tsv", "jsonl", "json", "chat", "text", "conll", "parallel", "triples", "squad")
CELLS = ("csv", "tsv")

# Of each option the formats that know it, and why others do not.
KNOWN: dict[str, tuple[tuple[str, ...], str]] = {
    "encoding": (TEXTS, "which says itself how its texts are encoded"),
    "sheet": (("xlsx",), "which has no sheets"),
    "header": (CELLS, "whose columns have names of their own"),
    "delimiter": (CELLS, "whose cells are parted otherwise"),
    "quotes": (CELLS, "in which quotes have one meaning"),
    "document": (("text",), "whose rows are no lines of text"),
    "fit": (CELLS, "whose rows have no cells too many"),
}


def refuse_nonsense(written: Written) -> None:
    """Raises `Problem` `bad_delimiter` or `bad_document`."""
    if written.delimiter is not None and (len(written.delimiter) != 1 or written.delimiter in '"\r\n\0'):
        message = f"{echo(written.delimiter)} parts no cells: send one character that is no quote and no line end."
        raise Problem("bad_delimiter", message, param="delimiter")
    if written.document not in DOCUMENTS:
        raise Problem("bad_document", f"A document is one of: {', '.join(DOCUMENTS)}.", param="document")


def refuse(spec: IngestionSpec, form: str) -> None:
    """Raises `Problem` `option_not_known` with every option that the file's format does not know."""
    usual = Written()
    faults = [
        Fault(
            code="option_not_known", message=f'{echo(spec.filename)} is {form}, {why}. Leave out "{name}".', param=name
        )
        for name, (forms, why) in KNOWN.items()
        if form not in forms and getattr(spec.written, name) != getattr(usual, name)
    ]
    if faults:
        raise Problem.of(faults)
