"""The opponent of the mapping engine: the same slices translated by hand (README.md of the folder above)."""
