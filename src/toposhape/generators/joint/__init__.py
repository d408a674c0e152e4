"""Joint training of both generators and the codes, equations (13) to (15)."""
