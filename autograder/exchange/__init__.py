"""Exchange files with a learning management system: submissions in, marks out."""
