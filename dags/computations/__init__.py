"""The computations of this installation: plain functions, one module for each."""
