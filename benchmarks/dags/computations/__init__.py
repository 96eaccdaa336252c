"""Computations that are small enough to show what is around them."""
