"""Synthetic shapes and what they are worth: sampling, Chamfer distances, scores."""
