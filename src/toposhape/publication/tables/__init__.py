"""Tables, and the published numbers beside which they stand."""
