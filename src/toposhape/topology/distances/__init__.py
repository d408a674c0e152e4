"""Distances between persistence diagrams, and the assignments behind them."""
