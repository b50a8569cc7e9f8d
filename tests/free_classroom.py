"""Find free ports for a class, for tests that start its services."""

from __future__ import annotations

from pathlib import Path

from autograder.hub import classroom_services as services
from autograder.hub.classroom_folder import Classroom, ClassroomError
from tests.root import ROOT


def free_classroom(folder: Path, first: int) -> Classroom:
    """Return a class in ``folder`` whose four ports are free; try a hundred first ports, starting with ``first``."""
    found = (Classroom(folder, ROOT, port) for port in range(first, first + 1000, 10))
    return next(place for place in found if are_free(place))


def are_free(place: Classroom) -> bool:
    try:
        services.require_free_ports(place)
    except ClassroomError:
        return False
    return True
