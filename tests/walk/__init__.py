"""The whole walk: real processes, real sockets, effects counted at the simulated agencies."""
