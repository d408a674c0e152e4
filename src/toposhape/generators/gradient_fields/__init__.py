"""ShapeGF: shapes as gradient fields of the densities of their points."""
