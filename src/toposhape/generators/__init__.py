"""Generators of shapes and of diagrams, a folder for each family.

What is named here is loaded on its first use: importing this package is quick.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
