"""Losses on the diagrams of a batch, one number for each item."""
