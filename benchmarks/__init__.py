"""Benchmarks: every module here is one, and runs with `make bench`; what they share is in `stage`."""
