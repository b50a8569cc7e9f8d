"""Find answers that are unusually alike, for a person to judge."""
