"""Rows to batches: `reading` (Parquet), `tokens` (ids), `order` (which rows when), `packing` (rows to tensors)."""
