"""The data doctor's report as a page: what was measured, and how it is drawn and told."""
