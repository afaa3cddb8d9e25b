"""Words: the canonical language and its translation to and from every agency's own.

Pure: no I/O beyond reading the package's own data files, and nothing of the other rooms is imported.
"""
