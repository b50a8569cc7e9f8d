"""From a chapter's text to its reference notebook and its release."""
