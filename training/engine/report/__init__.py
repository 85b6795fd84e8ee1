"""What a person reads afterwards: `findings` (the numbers), metrics.json, and one self-contained report.html."""
