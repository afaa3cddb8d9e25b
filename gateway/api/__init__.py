"""The HTTP surface: a file for each resource; ``caller.py`` turns a token into a Caller once."""
