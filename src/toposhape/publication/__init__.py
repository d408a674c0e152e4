"""What the reader sees: tables, figures, pictures of shapes."""
