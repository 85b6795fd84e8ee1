"""The ingestion child: one uploaded file in, one immutable, split, hashed data set version out.

Knows polars and `contracts`; knows no Django, no torch, no object store and no other room of the house. One idea a
file, in the order a file walks through them: `pipeline` (the walk itself), `unpacking` (out of an archive, which
`archive` checks and `meter` measures), `binary` (nothing that is read), `encoding` (bytes to characters), `formats`
(which reader), `readers/` (a file to rows), `columns` (which column is what, by `names` among other things),
`checks` (what is refused), `doctor` (what is remarked), `split`, `write`. `__main__` is the process around it.
"""
