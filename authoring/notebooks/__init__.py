"""Turn a chapter's text into its reference notebook and its released (student) notebook."""
