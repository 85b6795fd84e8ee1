"""Which of the customer's columns plays which role: as they mapped it, else by its name, else by its content."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from contracts.problems import Fault, echo
from contracts.task import MAX_LABELS
from training.ingest.names import NAMES, plain
from training.ingest.places import FIRST
from training.ingest.readers.table import NOT_TEXT, Table

CLEARLY_LONGER = 1.5  # times the next column's mean length, for a column to be taken as the text
MOST_LABELS = 0.5  # of the rows: a column with more distinct values than this names rows, not classes


@dataclass(frozen=True, kw_only=True)
class Choice:
    """`columns` maps role to the customer's name; `guessed` are the roles they did not map themselves."""

    columns: dict[str, str]
    guessed: tuple[str, ...]
    faults: tuple[Fault, ...]


def choose(table: Table, mapped: dict[str, str], roles: Sequence[str]) -> Choice:
    """Faults: `unknown_role`, `missing_column` (names those that exist and the nearest), `columns_ambiguous`."""
    faults = [_unknown(role, roles) for role in mapped if role not in roles]
    wanted = {role: name for role, name in mapped.items() if role in roles}
    faults += [_missing(role, name, table.columns) for role, name in wanted.items() if name not in table.columns]
    if len(set(wanted.values())) < len(wanted):
        faults.append(_ambiguous(f"Column {echo(next(iter(wanted.values())))} is mapped to more than one role.", roles))
    guessed = tuple(role for role in roles if role not in wanted)
    if guessed and table.columns and table.rows:
        found = _by_name(table.columns, guessed, taken=set(wanted.values()))
        if set(found) != set(guessed) and not table.faults:
            found |= _by_content(table, guessed, wanted | found)
        wanted |= found
        if set(wanted) < set(roles) and not table.faults and not faults:
            unclear = " and ".join(f"the {role}" for role in roles if role not in wanted)
            faults.append(_ambiguous(f"It is not clear which column holds {unclear}: {_listed(table.columns)}.", roles))
    return Choice(
        columns={role: wanted[role] for role in roles if role in wanted}, guessed=guessed, faults=tuple(faults)
    )


def _by_name(columns: Sequence[str], roles: Sequence[str], taken: set[str]) -> dict[str, str]:
    found = {}
    for role in roles:
        usual = NAMES.get(role, (role,))
        matches = [name for name in columns if plain(name) in usual and name not in taken]
        exact = [name for name in matches if plain(name) == role]
        if len(exact or matches) == 1:
            found[role] = (exact or matches)[0]
    return found


def _by_content(table: Table, roles: Sequence[str], found: dict[str, str]) -> dict[str, str]:
    """The text: clearly the longest on average. The label: fewest distinct values, at least two, without a tie."""
    free = [at for at, name in enumerate(table.columns) if name not in found.values()]
    if not free:
        return {}
    cells = pl.col([str(at) for at in free])
    string = cells.str.starts_with(NOT_TEXT).not_()
    lengths, distinct = pl.collect_all(
        [
            table.frame.select(cells.filter(string).str.len_chars().mean()),
            table.frame.select(cells.filter(string).n_unique()),
        ]
    )
    guessed: dict[str, str] = {}
    if "text" in roles and "text" not in found:
        ranked = sorted(((lengths[str(at)][0] or 0.0, at) for at in free), reverse=True)
        if len(ranked) == 1 or ranked[0][0] > CLEARLY_LONGER * ranked[1][0]:
            guessed["text"] = table.columns[ranked[0][1]]
            free.remove(ranked[0][1])
    if "label" in roles and "label" not in found:
        most = min(MAX_LABELS, MOST_LABELS * table.rows)
        counts = sorted((distinct[str(at)][0], at) for at in free if 2 <= distinct[str(at)][0] <= most)
        if counts and (len(counts) == 1 or counts[0][0] < counts[1][0]):
            guessed["label"] = table.columns[counts[0][1]]
    return guessed


def _unknown(role: str, roles: Sequence[str]) -> Fault:
    message = f"{echo(role)} is no role of this task; its roles are {', '.join(roles)}."
    return Fault(code="unknown_role", message=message, param="columns")


def _missing(role: str, name: str, columns: Sequence[str]) -> Fault:
    known = {plain(column): column for column in columns}
    nearest = difflib.get_close_matches(plain(name), known, n=1)
    hint = f" Did you mean {echo(known[nearest[0]])}?" if nearest else ""
    message = f"There is no column {echo(name)}; the file has {_listed(columns)}.{hint}"
    return Fault(code="missing_column", message=message, param=f"columns.{role}")


def _ambiguous(reason: str, roles: Sequence[str]) -> Fault:
    example = ", ".join(f'"{role}": "<column>"' for role in roles)
    return Fault(code="columns_ambiguous", message=f'{reason} Send "columns": {{{example}}}.', param="columns")


def _listed(columns: Sequence[str]) -> str:
    more = f" and {len(columns) - FIRST:,} more" if len(columns) > FIRST else ""
    return (", ".join(echo(name) for name in columns[:FIRST]) or "no column") + more
