"""What the translation benchmark is made of: slices and opponents, timing, peers, and the table."""
