"""Benches: each prints its figure beside that of a reference measured in the same run."""
