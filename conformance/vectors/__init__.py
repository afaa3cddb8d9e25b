"""Vectors: documents written by hand with what must become of them, both ways, for each format."""
