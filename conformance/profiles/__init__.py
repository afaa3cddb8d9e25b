"""Profiles: which requirements somebody has to meet, by what they are."""
