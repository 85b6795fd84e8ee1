"""The inference process: requests in, predictions out. Knows torch and the contracts, and nothing else of the house."""
