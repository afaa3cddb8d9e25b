"""What benchmarks are played on: processes, an agency that answers at once, load, and the clock of the kernel."""
