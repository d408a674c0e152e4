"""Differentiable persistence: torch modules without parameters or state."""
