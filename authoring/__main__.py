"""Run ``python -m authoring``."""

from authoring.author_commands import main

main(prog_name="python -m authoring")
