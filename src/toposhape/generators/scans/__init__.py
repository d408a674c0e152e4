"""Surfaces learned from points alone: Gropp et al., Implicit Geometric Regularization, 2020."""
