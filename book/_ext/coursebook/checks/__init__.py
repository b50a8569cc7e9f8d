"""What fails a build: figures that would leave a reader out."""
