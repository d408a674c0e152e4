"""Plots of numbers and diagrams."""
