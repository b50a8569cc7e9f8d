"""Check that all right answers agree, even on inputs that the claims never draw."""
