"""What the throughput benchmark is made of: runs of whole processes, databases filled beforehand, and the table."""
