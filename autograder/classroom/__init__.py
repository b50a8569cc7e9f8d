"""Grade a whole class: submissions, the ledger, one machine or many, and stock nbgrader."""
