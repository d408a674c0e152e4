"""Generators of 3D shapes with the right topology.

What people need most is named here and loaded on its first use: importing this package is quick.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

__version__ = "0.1.0"  # as in pyproject.toml; the container and conda do not install the package
