"""Run a class on one machine with one command: JupyterHub, nbgrader's exchange, and PostgreSQL."""
