"""Check that all right answers agree, including on inputs that the claims do not draw."""
