"""When two texts count as the same: equal after trimming, joining runs of whitespace, and ignoring case."""

import polars as pl

UNTIDY = r"\s\s+|[^\S ]"  # white space that is not one plain space: few texts have any, all have those


def folded(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(UNTIDY, " ").str.strip_chars().str.to_lowercase()


def blank(text: pl.Expr) -> pl.Expr:
    return text.str.strip_chars() == ""
