"""Broken behaviours on purpose, to prove that every check can fail."""
