"""The simulated agencies, tested over real sockets."""
