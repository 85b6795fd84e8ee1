"""What is computed: `base` (the catalogue's encoder), the two networks that run it, its head, LoRA, precision."""
