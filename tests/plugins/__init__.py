"""Rules that hold for every test, loaded by name in pyproject.toml."""
