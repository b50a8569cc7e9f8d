"""Judge whether a submission's observations agree with the reference's."""
