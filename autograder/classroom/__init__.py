"""A whole class: what was handed in, the ledger, one machine or many, stock nbgrader."""
