"""When two texts count as the same: equal after trimming, joining runs of whitespace, and ignoring case."""

import polars as pl


def folded(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(r"\s+", " ").str.strip_chars().str.to_lowercase()


def blank(text: pl.Expr) -> pl.Expr:
    return text.str.strip_chars() == ""
