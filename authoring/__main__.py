"""``python -m authoring``."""

from authoring.cli import main

main(prog_name="python -m authoring")
