"""Any table, file or engine becomes segments; only here are frames, files and engines known."""
