"""Tests about the repository itself: its sizes, its habits, and that its papers say what its code does."""
