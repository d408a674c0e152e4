"""Topology of functions on grids: persistence diagrams and distances between them.

What needs numba, torch or pyarrow is loaded on its first use: importing this package is quick.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
