"""`autograder classroom`: run a class on one machine, to rehearse a term before it starts."""

from __future__ import annotations

import importlib.util
import os
import sys
from contextlib import ExitStack
from pathlib import Path

import click

from autograder.commands.say import FAULT, ROOT, USAGE, say, stop
from autograder.commands.stopping import status_of
from autograder.hub import classroom_services as services
from autograder.hub.classroom_folder import INSTRUCTOR, Classroom, ClassroomError, students, write


@click.command("classroom")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.argument("chapters", nargs=-1)
@click.option(
    "--roster",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The students: a csv file with the column id. Default: three made-up students.",
)
@click.option("--port", default=8000, show_default=True, help="The first of four free ports.")
@click.option("--database", help="SQLAlchemy's address of an empty database. Default: a new PostgreSQL in FOLDER.")
@ROOT
def command(
    folder: Path, chapters: tuple[str, ...], roster: Path | None, port: int, database: str | None, root: Path
) -> None:
    """Set up a class in FOLDER, with JupyterHub, nbgrader's exchange, and a gradebook; run the class until control-C.

    The instructor can release each of the CHAPTERS (default: linear). Use this command only to rehearse a term: one
    user of this machine runs everything, so students are not isolated from each other or from the instructor. Run the
    command again with the same FOLDER to continue.

    Exit status: 0 after control-C; 2 the request is invalid; 3 something does not start.
    """
    if not importlib.util.find_spec("jupyterhub"):
        stop("JupyterHub is not installed: pip install 'layer-by-layer[classroom]'", USAGE)
    classroom = Classroom(folder.resolve(), root.resolve(), port)
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"  # proxy and alembic
    try:
        services.require_free_ports(classroom)
        write(classroom, chapters or ("linear",), roster, database or classroom.own_database)
    except ClassroomError as error:
        stop(str(error), USAGE)
    try:
        with ExitStack() as running:
            if database is None:
                running.enter_context(services.database(classroom))
            _enter_class(classroom)
            hub = running.enter_context(services.hub(classroom))
            _show(classroom, students(roster))
            hub.wait()
            raise ClassroomError(f"JupyterHub stopped; what it said is in {classroom.folder / 'hub' / 'log'}")
    except ClassroomError as error:
        stop(str(error), FAULT)
    except KeyboardInterrupt as error:
        say("Everything is stopped. The same command continues from here.")
        sys.exit(0 if type(error) is KeyboardInterrupt else status_of(error))


def _enter_class(classroom: Classroom) -> None:
    """Create the gradebook in this process, before any other process opens it, and write the class into it."""
    from autograder.class_file import class_reader
    from autograder.classroom.apply_class import apply_class
    from autograder.recording.faults import RecordError

    try:
        apply_class(classroom.course, class_reader.of_course(classroom.course))
    except (RecordError, class_reader.ClassFileError) as error:
        raise ClassroomError(str(error)) from error


def _show(classroom: Classroom, names: list[str]) -> None:
    say(f"The class is at http://127.0.0.1:{classroom.port} (control-C stops it).")
    say(f"  {INSTRUCTOR:12} password {classroom.password(INSTRUCTOR)}, then Nbgrader > Formgrader")
    say(f"  {'students':12} password {classroom.password('students')}, then Nbgrader > Assignment List")
    say(f"  {'their names':12} {', '.join(names)}")
    say(f"  {'the course':12} {classroom.course}: run `autograder grade` there, too")
