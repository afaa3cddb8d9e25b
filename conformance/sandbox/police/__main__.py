"""Runs the simulated agency as a program: `python -m conformance.sandbox.police`."""

import sys

from conformance.sandbox.serve import main

if __name__ == "__main__":
    sys.exit(main("police"))
