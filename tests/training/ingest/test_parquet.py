"""Parquet: strings come back equal, other values as text, nested ones as none; damage is refused with a sentence."""

import io
from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.child import DONE
from contracts.ingestion import Limits
from tests.training.ingest.child import good_rows, ingest

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
GOOD = pl.DataFrame(good_rows(), schema=["text", "label"], orient="row")


def parquet(frame: pl.DataFrame, **how: object) -> bytes:
    stream = io.BytesIO()
    frame.write_parquet(stream, **how)  # type: ignore[arg-type]
    return stream.getvalue()


@given(rows=st.lists(st.tuples(TEXTS, st.sampled_from("ab")), min_size=1, max_size=40), group=st.integers(1, 50))
@settings(deadline=None, max_examples=8)
def test_strings_come_back_equal(rows: list[tuple[str, str]], group: int) -> None:
    rows = [*good_rows(), *((f"{at} {text}", label) for at, (text, label) in enumerate(rows))]
    content = parquet(pl.DataFrame(rows, schema=["text", "label"], orient="row"), row_group_size=group)
    assert ingest(content, "data.parquet").frame.select("text", "label").rows() == rows


@pytest.mark.parametrize("filename", ["data.parquet", "data", "data.bin"])
def test_parquet_is_known_by_its_bytes(filename: str) -> None:
    outcome = ingest(parquet(GOOD), filename)
    assert outcome.told.format == "parquet"
    assert outcome.frame.select("text", "label").rows() == good_rows()


def test_parquet_called_csv_is_refused_unless_stated() -> None:
    assert "Parquet" in ingest(parquet(GOOD), "data.csv").faults["type_mismatch"].message
    assert ingest(parquet(GOOD), "data.csv", format="parquet").code == DONE


@pytest.mark.parametrize("compression", ["zstd", "snappy", "gzip", "lz4", "uncompressed"])
def test_every_usual_compression_is_read(compression: str) -> None:
    assert ingest(parquet(GOOD, compression=compression), "data.parquet").told.rows["total"] == 20


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (pl.Series([0, 1], dtype=pl.Int8), {"0", "1"}),
        (pl.Series([True, False]), {"true", "false"}),
        (pl.Series([0.5, 2.0]), {"0.5", "2.0"}),
        (pl.Series([date(2024, 3, 1), date(2024, 3, 2)]), {"2024-03-01", "2024-03-02"}),
        (pl.Series([Decimal("1.50"), Decimal("2.00")]), {"1.50", "2.00"}),
        (pl.Series(["x", "y"], dtype=pl.Categorical), {"x", "y"}),
        (pl.Series(["x", "y"], dtype=pl.Enum(["x", "y"])), {"x", "y"}),
    ],
)
def test_a_value_of_another_type_is_read_as_text(values: pl.Series, texts: set[str]) -> None:
    frame = GOOD.with_columns(pl.concat([values] * 10).alias("label"))
    assert set(ingest(parquet(frame), "data.parquet").told.labels) == texts


@pytest.mark.parametrize(
    ("value", "kind"), [(["a"], "array"), ({"a": 1}, "object"), (b"a", "binary"), (pl.Series(["a"]), "array")]
)
def test_a_nested_value_is_no_text(value: object, kind: str) -> None:
    frame = GOOD.with_columns(pl.Series("label", [value] * 20))
    fault = ingest(parquet(frame), "data.parquet", columns={"text": "text", "label": "label"}).faults["wrong_type"]
    assert f"of type {kind}" in fault.message


def test_other_columns_may_hold_anything_and_be_called_anything() -> None:
    frame = GOOD.with_columns(pl.Series("^.*$", [["a"]] * 20), pl.Series("*", range(20)))
    assert ingest(parquet(frame), "data.parquet").frame.select("text", "label").rows() == good_rows()


def test_a_null_is_an_empty_cell() -> None:
    frame = pl.concat([GOOD, pl.DataFrame({"text": [None, "a"], "label": ["card", None]})])
    outcome = ingest(parquet(frame), "data.parquet")
    assert (outcome.findings["empty_text"].rows, outcome.findings["empty_label"].rows) == ((21,), (22,))


def test_classes_get_the_names_that_the_datasets_library_wrote() -> None:
    features = '{"info": {"features": {"label": {"names": ["negative", "positive"], "_type": "ClassLabel"}}}}'
    frame = GOOD.with_columns(pl.Series("label", [0, 1] * 9 + [-1, 1]))
    outcome = ingest(parquet(frame, metadata={"huggingface": features}), "data.parquet")
    assert set(outcome.told.labels) == {"negative", "positive"}
    assert "0 is 'negative'" in outcome.findings["class_names"].message
    assert outcome.findings["empty_label"].rows == (19,)


@pytest.mark.parametrize("features", ["{oops", "[]", "{}", '{"info": {"features": {"label": 3}}}'])
def test_what_else_stands_in_the_metadata_does_no_harm(features: str) -> None:
    assert ingest(parquet(GOOD, metadata={"huggingface": features}), "data.parquet").code == DONE


def test_nul_is_refused_with_its_rows() -> None:
    frame = pl.concat([GOOD, pl.DataFrame({"text": ["a\0b"], "label": ["\0"]})])
    assert ingest(parquet(frame), "data.parquet").faults["nul_not_allowed"].message.startswith("Row 21:")


def test_limits_hold() -> None:
    faults = ingest(parquet(GOOD), "data.parquet", limits=Limits(rows=19, cell_characters=5)).faults
    assert set(faults) == {"too_many_rows", "cell_too_long"}
    wide = pl.DataFrame({f"c{at}": ["x"] for at in range(11)})
    assert "too_many_columns" in ingest(parquet(wide), "data.parquet", limits=Limits(columns=10)).faults


def test_a_billion_rows_of_one_value_are_refused_without_being_read() -> None:
    frame = pl.select(text=pl.repeat("x", 5_000_000, dtype=pl.String), label=pl.repeat("y", 5_000_000, dtype=pl.String))
    assert "1,000,000 rows" in ingest(parquet(frame), "data.parquet").faults["too_many_rows"].message


@pytest.mark.parametrize("frame", [pl.DataFrame(), pl.DataFrame({"text": [], "label": []}, schema_overrides={})])
def test_a_table_without_rows_is_refused(frame: pl.DataFrame) -> None:
    assert set(ingest(parquet(frame), "data.parquet").faults) == {"empty_dataset"}


@pytest.mark.parametrize("kept", [12, 300, -1, -100])
def test_a_file_cut_off_is_refused(kept: int) -> None:
    assert "damaged or cut off" in ingest(parquet(GOOD)[:kept], "data.parquet").faults["corrupt_file"].message


def test_damage_of_which_the_library_would_die_is_refused() -> None:
    content = bytearray(parquet(GOOD, compression="zstd"))
    content[131] = 105
    assert set(ingest(bytes(content), "data.parquet").faults) == {"corrupt_file"}


@given(at=st.integers(4, 500), value=st.integers(0, 255))
@settings(deadline=None, max_examples=10)
def test_a_damaged_byte_never_is_a_crash(at: int, value: int) -> None:
    content = bytearray(parquet(GOOD, compression="zstd"))
    content[at % len(content)] = value
    outcome = ingest(bytes(content), "data.parquet", columns={"text": "text", "label": "label"})
    assert outcome.code in (0, 65)
