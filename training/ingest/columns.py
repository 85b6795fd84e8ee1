"""Which of the customer's columns plays which role: as they mapped it, else by its name, else by its content."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from contracts.problems import Fault, echo
from contracts.task import FEATURES, KINDS, LABEL, LABELS, MAX_LABELS, Form, Role, roles_of
from training.ingest.names import NAMES, plain
from training.ingest.places import FIRST
from training.ingest.readers.table import NOT_TEXT, Table

CLEARLY_LONGER = 1.5  # times the next column's mean length, for a column to be taken as the text
HEAD = 1_000  # rows looked at for lists
MOST_LABELS = 0.5  # of the rows: a column with more distinct values than this names rows, not classes


Mapped = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """`columns` maps role to the customer's name, or names; `guessed` are the roles they did not map themselves."""

    form: Form
    columns: dict[str, str | tuple[str, ...]]
    guessed: tuple[str, ...]
    faults: tuple[Fault, ...]


def choose(table: Table, mapped: Mapped, kind: str) -> Choice:
    """The form of the kind that the columns fit, and its roles.

    A form fits if it has all the roles that the customer mapped. Of several, the first whose other roles are all found
    by the names of columns; else what the first one lacks is found by content. Faults: `unknown_role`,
    `missing_column` (names those that exist and the nearest), `columns_ambiguous`.
    """
    known = roles_of(kind)
    faults = [_unknown(role, known) for role in mapped if role not in known]
    wanted = {role: name for role, name in mapped.items() if role in known}
    for role, names in wanted.items():
        absent = [name for name in several(names) if name not in table.columns]
        faults += [missing(f"columns.{role}", name, table.columns) for name in absent]
    forms = [form for form in KINDS[kind] if set(wanted) <= {role.name for role in form.roles}]
    if not forms:
        faults.append(_ambiguous(f"No form of {kind} has the columns {', '.join(wanted)} together.", KINDS[kind][0]))
        forms = list(KINDS[kind])
    singles = [name for name in wanted.values() if isinstance(name, str)]
    if len(set(singles)) < len(singles):
        faults.append(_ambiguous(f"Column {echo(singles[0])} is mapped to more than one role.", forms[0]))
    if not (table.columns and table.rows):
        return Choice(form=forms[0], columns=wanted, guessed=(), faults=tuple(faults))
    form, found = _fitting(table, forms, wanted)
    lacking = [role.name for role in form.roles if role.name not in found]
    if lacking and not table.faults and not faults:
        unclear = " and ".join(f"the {role}" for role in lacking)
        faults.append(_ambiguous(f"It is not clear which column holds {unclear}: {_listed(table.columns)}.", form))
    columns = {role.name: found[role.name] for role in form.roles if role.name in found}
    guessed = tuple(role for role in columns if role not in wanted)
    return Choice(form=form, columns=columns, guessed=guessed, faults=tuple(faults))


def _fitting(table: Table, forms: Sequence[Form], wanted: Mapped) -> tuple[Form, dict[str, str | tuple[str, ...]]]:
    """The first form whose roles are all named in the table, else the first, filled up by content."""
    taken = {name for names in wanted.values() for name in several(names)}
    tried = []
    for form in forms:
        roles = [role for role in form.roles if role.name not in wanted and role.content != FEATURES]
        found = {**wanted, **_by_name(table, roles, taken)}
        if len(found) == len(wanted) + len(roles):
            return form, _with_features(table, form, found)
        tried.append(found)
    form, found = forms[0], tried[0]
    if not table.faults:
        found = {**found, **_by_content(table, [role.name for role in form.roles], found)}
    return form, _with_features(table, form, found)


def _with_features(
    table: Table, form: Form, found: dict[str, str | tuple[str, ...]]
) -> dict[str, str | tuple[str, ...]]:
    """Every column that has no other role is a feature, unless the customer named them."""
    features = form.of(FEATURES)
    if not features or features[0] in found or len(found) < len(form.roles) - 1:
        return found
    taken = set(found.values())
    rest = tuple(name for name in table.columns if name not in taken and plain(name) != "split")
    return {**found, features[0]: rest} if rest else found


def _by_name(table: Table, roles: Sequence[Role], taken: set[str]) -> dict[str, str]:
    """Roles whose column is plain to see: called as the role itself, or the only one called as such columns usually
    are. Several labels are looked for in a column of lists, and nowhere else."""
    found: dict[str, str] = {}
    for role in roles:
        usual = NAMES.get(role.name, (plain(role.name),))
        matches = [name for name in table.columns if plain(name) in usual and name not in taken]
        exact = [name for name in matches if plain(name) == plain(role.name)]
        name = (exact or matches)[0] if len(exact or matches) == 1 else None
        if name is None or name in found.values():
            continue
        if role.content not in (LABEL, LABELS) or _holds_lists(table, name) == (role.content == LABELS):
            found[role.name] = name
    return found


def _holds_lists(table: Table, column: str) -> bool:
    head = table.frame.select(str(table.columns.index(column))).head(HEAD).collect().to_series()
    return bool(head.str.starts_with(f"{NOT_TEXT}array").any())


def _by_content(table: Table, roles: Sequence[str], found: Mapped) -> dict[str, str]:
    """The text: clearly the longest on average. The label: fewest distinct values, at least two, without a tie."""
    taken = set(found.values())
    free = [at for at, name in enumerate(table.columns) if name not in taken]
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


def missing(param: str, name: str, columns: Sequence[str]) -> Fault:
    known = {plain(column): column for column in columns}
    nearest = difflib.get_close_matches(plain(name), known, n=1)
    hint = f" Did you mean {echo(known[nearest[0]])}?" if nearest else ""
    message = f"There is no column {echo(name)}; the file has {_listed(columns)}.{hint}"
    return Fault(code="missing_column", message=message, param=param)


def _ambiguous(reason: str, form: Form) -> Fault:
    example = ", ".join(f'"{role.name}": "<column>"' for role in form.roles if role.content != FEATURES)
    return Fault(code="columns_ambiguous", message=f'{reason} Send "columns": {{{example}}}.', param="columns")


def several(names: str | tuple[str, ...]) -> tuple[str, ...]:
    """A role's column or columns."""
    return (names,) if isinstance(names, str) else names


def called(names: str | tuple[str, ...]) -> str:
    """A role's column or columns, as a sentence names them."""
    return _listed(several(names))


def _listed(columns: Sequence[str]) -> str:
    more = f" and {len(columns) - FIRST:,} more" if len(columns) > FIRST else ""
    return (", ".join(echo(name) for name in columns[:FIRST]) or "no column") + more
