"""Find free ports for tests that start the services of a class."""

from pathlib import Path

from autograder.hub import classroom_services as services
from autograder.hub.classroom_folder import Classroom, ClassroomError
from tests.root import ROOT


def free_classroom(folder: Path, first: int) -> Classroom:
    """Return a class in ``folder`` with four free ports; try a hundred base ports, starting with ``first``."""
    found = (Classroom(folder, ROOT, port) for port in range(first, first + 1000, 10))
    return next(place for place in found if are_free(place))


def are_free(place: Classroom) -> bool:
    try:
        services.require_free_ports(place)
    except ClassroomError:
        return False
    return True
