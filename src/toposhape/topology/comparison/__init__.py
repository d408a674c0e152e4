"""Which topological features two functions on one grid share: image persistence, induced matching.

Both functions are compared through their maximum (of superlevel sets): its sets hold the sets of
both, and a feature of one function matches a feature of the other if both become the same feature
of the maximum.  Source: Stucki et al., Topologically faithful image segmentation via induced
matching of persistence barcodes, ICML 2023.
"""
