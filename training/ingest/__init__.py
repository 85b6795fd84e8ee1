"""The ingestion child: one uploaded file in, one immutable, split, hashed data set version out.

Knows polars and `contracts`; knows no Django, no torch, no object store and no other room of the house. One idea a
file, in the order a file walks through them: `pipeline` (the walk itself), `binary` (not a text at all), `encoding`
(bytes to characters), `formats` (which reader), `readers/` (characters to rows), `columns` (which column is what),
`checks` (what is refused), `doctor` (what is remarked), `split`, `write`. `__main__` is the process around it.
"""
