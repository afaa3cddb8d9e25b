"""Delivery: lanes that keep order, a retry schedule, breakers, and the loop that sends."""
