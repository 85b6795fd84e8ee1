"""What each task kind does before, on and after the device: one module a kind, behind `loading.loader`."""
