"""Generators of 3D shapes with the right topology."""
