"""Exchange files with a learning management system: read submissions, and write marks."""
