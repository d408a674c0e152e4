"""Differentiable features of diagrams: numbers and vectors of a fixed length."""
