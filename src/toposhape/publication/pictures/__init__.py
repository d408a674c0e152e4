"""Pictures of shapes, and sheets of them."""
