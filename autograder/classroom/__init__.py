"""Grading a whole class: submissions, the ledger, one machine or many, stock nbgrader."""
