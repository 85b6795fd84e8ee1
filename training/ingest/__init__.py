"""The ingestion child: one uploaded file in, one immutable, split, hashed data set version out.

Knows polars and `contracts`; knows no Django, no torch, no object store and no other room of the house. One idea a
file, in the order a file walks through them: `pipeline` (the walk itself), `unpacking` (out of an archive, which
`archive` checks and `meter` measures), `bundles` and `media` (archives of several files), `binary` (nothing that is
read), `encoding` (bytes to characters), `formats` (which reader), `readers/` (a file to cells), `columns` (which column
is what, by `names` among other things), `roles` and `contents/` (cells to values), `version` (the rest of the way):
`cleaning`, `checks` (what is refused), `keys` (what rows are compared by), `near` (what is nearly equal), `doctor`
(what is remarked, with `tables`, `languages` and `doubt`), `split/`, `counting`, `report/`, `store`. `__main__` is the
process around it.
"""
