"""The only room that knows S3: `blobs` moves bytes, `keys` spells where they lie, `presign` lets customers put them."""
