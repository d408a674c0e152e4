"""Generators of 3D shapes with the right topology."""

__version__ = "0.1.0"  # as in pyproject.toml; the container and conda do not install the package
