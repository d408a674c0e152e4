"""Where shapes come from, and how a mesh becomes signed distance (knows no other room).

Nothing is imported here: Snakemake needs `batches` and `requests` alone while it plans.
"""
