"""Check whether the course passes on other processors, by disabling features of this machine's processor.

Libraries choose their code according to the processor's features, so the last bits of sums differ. Each setting below
disables some features. For each setting, notebooks are executed and compared, and explorers are tested. With one
thread, every answer that `validate` tries is also judged. A setting's effect is measured first; settings that don't
work on this machine are skipped.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from authoring.setup.make import NBVAL
from authoring.setup.stages import Outcome, Screen, Stage, Workplace, run, summary
from autograder.sandbox.inside import processor

EXPLORERS = ("python", "-m", "pytest", "-q", "tests/layerlab/test_explorer.py", "tests/layerlab/test_explorer_kinds.py")
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Setting:
    """A processor that this machine can imitate."""

    name: str
    variables: tuple[tuple[str, str], ...] = ()  # except NumPy's, which depend on this machine's processor
    numpy_keeps: tuple[str, ...] | None = None  # the features that NumPy may use; None for all
    says: str = ""  # the capability that torch must then report; "" for any
    threads: int = 1  # that compute at once; submissions always use one

    def environment(self, found: Sequence[str]) -> dict[str, str]:
        """Return the environment variables for this setting, given the features that NumPy found."""
        plain = {key: value for key, value in os.environ.items() if key not in processor.VARIABLES}
        plain["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), *filter(None, [plain.get("PATH")])])
        threads = dict.fromkeys(THREADS, str(self.threads))
        without = [] if self.numpy_keeps is None else [name for name in found if name not in self.numpy_keeps]
        numpy = {"NPY_DISABLE_CPU_FEATURES": " ".join(without)} if without else {}
        return plain | threads | dict(self.variables) | numpy


SETTINGS = (
    Setting("as it is"),
    Setting(
        "AVX2",
        (
            ("ATEN_CPU_CAPABILITY", "avx2"),
            ("ONEDNN_MAX_CPU_ISA", "AVX2"),
            ("MKL_ENABLE_INSTRUCTIONS", "AVX2"),
            ("MKL_CBWR", "AVX2"),
            ("OPENBLAS_CORETYPE", "Haswell"),  # NumPy's products, in notebooks only: submissions ignore it
        ),
        numpy_keeps=("X86_V3",),
        says="AVX2",
    ),
    Setting(
        "no AVX",
        (
            ("ATEN_CPU_CAPABILITY", "default"),
            ("ONEDNN_MAX_CPU_ISA", "SSE41"),
            ("MKL_ENABLE_INSTRUCTIONS", "SSE4_2"),
            ("MKL_CBWR", "COMPATIBLE"),
            ("OPENBLAS_CORETYPE", "Nehalem"),
        ),
        numpy_keeps=(),
        says="DEFAULT",
    ),
    Setting("two threads", threads=2),
)


@dataclass(frozen=True)
class Probe:
    """The processor as the libraries see it: torch's capability, NumPy's features, and hashes of computed results."""

    capability: str
    threads: int
    features: tuple[str, ...]
    bits: dict[str, int]


def check(root: Path, chapters: Sequence[str], screen: Screen) -> int:
    """Run every check on ``chapters`` with every setting and print a summary; return 1 if any check failed, else 0."""
    plain = probe(SETTINGS[0].environment(()))
    outcomes: list[Outcome] = []
    for number, setting in enumerate(SETTINGS, start=1):
        environment = setting.environment(plain.features)
        found = probe(environment)
        screen.line(f"[{number}/{len(SETTINGS)}] {setting.name}: {effect(plain, found)}")
        if (setting.says and found.capability != setting.says) or found.threads != setting.threads:
            screen.line("    this machine cannot be set so: left out")
            continue
        outcomes += _under(setting, environment, root, chapters, screen)
    screen.line("\n" + summary(outcomes, root))
    return int(any(outcome.failed for outcome in outcomes))


def probe(environment: dict[str, str]) -> Probe:
    """Return the processor as seen by a new process with this environment.

    Raises:
        subprocess.CalledProcessError: if the libraries reject the environment.
    """
    command = [sys.executable, "-c", "from authoring.upkeep.processors import _probe; _probe()"]
    said = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    found = json.loads(said)
    return Probe(found["capability"], found["threads"], tuple(found["features"]), found["bits"])


def effect(plain: Probe, found: Probe) -> str:
    """Describe what a setting changes, compared with the machine as it is."""
    others = [name for name, bits in found.bits.items() if bits != plain.bits[name]]
    threads = f"{found.threads} thread{'s' * (found.threads > 1)}"
    return f"torch says {found.capability}, {threads}; other last bits in {', '.join(others) or 'nothing'}"


def _under(
    setting: Setting, environment: dict[str, str], root: Path, chapters: Sequence[str], screen: Screen
) -> list[Outcome]:
    """Run every check with a setting; print how many cells reproduced the stored outputs, and how closely."""
    name, notebooks = setting.name, [f"solutions/{chapter}" for chapter in chapters]
    validate = ("python", "-m", "autograder", "validate", *chapters)
    stages = [
        Stage(f"{name} nbval", "executing and comparing", (*NBVAL, *notebooks)),
        Stage(f"{name} explorers", "what explorers compute", EXPLORERS),
        *([Stage(f"{name} validate", "references and variants", validate)] if setting.threads == 1 else []),
    ]
    place = Workplace(root, environment, screen, root / "_build" / "logs" / "processors")
    outcomes = []
    for number, stage in enumerate(stages, start=1):
        outcomes.append(run(stage, number, len(stages), place))
        log = outcomes[-1].log
        for line in log.read_text(encoding="utf-8").splitlines() if log else ():
            if line.startswith("outputs: "):  # as authoring.outputs.nbval_plugin writes it
                screen.line(f"    {line}")
    return outcomes


def _probe() -> None:
    """Print the fields of a `Probe` for this process as JSON, after a small computation with each library."""
    import numpy as np
    import torch

    draw = torch.Generator().manual_seed(0)
    x, w = torch.randn(64, 65, generator=draw), torch.randn(33, 65, generator=draw)
    image, kernel = torch.randn(2, 3, 16, 16, generator=draw), torch.randn(8, 3, 3, 3, generator=draw)
    n = np.random.default_rng(0).standard_normal((64, 64))
    made = {
        "softmax": x.softmax(1),
        "a matrix product": x @ w.T,
        "a convolution": torch.nn.functional.conv2d(image, kernel),
        "NumPy's exp": np.exp(n),
        "NumPy's matrix product": n @ n,
    }
    found = {
        "capability": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "features": np.show_config(mode="dicts")["SIMD Extensions"].get("found", []),
        "bits": {name: zlib.crc32(np.asarray(values).tobytes()) for name, values in made.items()},
    }
    print(json.dumps(found))
