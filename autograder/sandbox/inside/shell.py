"""Run a submission's cells in an IPython shell as Jupyter would, without files or threads."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable, Iterator
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import UsageError
from IPython.core.history import HistoryManager
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.text import LSString, SList
from traitlets import Type

from layerlab.graded.observation import text_of

_EACH = 200  # bytes counted for every output in addition to its text
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
# Magics that start another program or wait for someone at the keyboard.
_NO_LINES = {"pip", "conda", "mamba", "micromamba", "uv", "edit", "ed", "pastebin"}
_DEBUGGERS = {"debug", "pdb"}
_NO_CELLS = {"!", "bash", "sh", "script", "perl", "ruby", "pypy", "python", "python2", "python3", "cmd", "sx", "system"}
# Magics that need an extension or a window: if that is missing, the rest of the cell still runs.
_MAY_FAIL = {"load_ext", "reload_ext", "matplotlib", "pylab", "gui", "config", "autoreload", "aimport", "load"}


class Outputs:
    """The outputs of the running cell, stored in nbformat's format, up to a limit in bytes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.clear()

    def clear(self) -> None:
        self.items: list[dict[str, Any]] = []
        self._size = 0

    def add(self, item: dict[str, Any], size: int) -> None:
        self._size += size + _EACH
        if self._size <= self.limit:
            self.items.append(item)

    def stream(self, name: str, text: str) -> None:
        last = self.items[-1] if self.items else {}
        if self._size + len(text) > self.limit:
            return
        if last.get("output_type") == "stream" and last.get("name") == name:
            self._size += len(text)
            last["text"] += text
        else:
            self.add({"output_type": "stream", "name": name, "text": text}, len(text))


class Sink(io.TextIOBase):
    """A text stream that adds printed text to the cell's outputs, up to their limit, and never fails or blocks."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, outputs: Outputs, name: str) -> None:
        self._outputs, self.name = outputs, f"<{name}>"
        self._stream = name

    def write(self, text: str) -> int:
        self._outputs.stream(self._stream, str(text))
        return len(text)

    def writable(self) -> bool:
        return True

    def close(self) -> None:
        """Do nothing, so that a cell that closes the stream can still print."""


class _Publisher(DisplayPublisher):
    outputs = Outputs(0)  # until a submission runs

    def publish(self, data: Any, metadata: Any = None, *_: Any, **__: Any) -> None:
        item = {"output_type": "display_data", "data": dict(data), "metadata": dict(metadata or {})}
        self.outputs.add(item, sum(len(text_of(value)) for value in data.values()))

    def clear_output(self, wait: bool = False) -> None:
        self.outputs.clear()


class _Hook(DisplayHook):
    outputs = Outputs(0)

    def write_output_prompt(self) -> None:
        """Do nothing: the output goes to the notebook, which needs no prompt."""

    def write_format_data(self, format_dict: dict, md_dict: dict | None = None) -> None:
        item = {"output_type": "execute_result", "data": dict(format_dict), "metadata": dict(md_dict or {})}
        item["execution_count"] = self.prompt_count
        self.outputs.add(item, sum(len(text_of(value)) for value in format_dict.values()))


class Shell(InteractiveShell):
    """An `InteractiveShell` that collects outputs and keeps no history."""

    display_pub_class = Type(_Publisher)
    displayhook_class = Type(_Hook)
    tell: Callable[[str, str], None] = staticmethod(lambda what, text: None)  # called for a line that is skipped

    def enable_gui(self, gui: Any = None) -> None:
        """Do nothing: there is no GUI, and `%matplotlib inline` needs none."""

    def ask_exit(self) -> None:
        """Do nothing: `exit` does not end the shell here."""

    def system(self, cmd: str) -> None:
        """Skip `!command`, because there is no shell."""
        self.tell("shell", f"!{cmd}")

    system_raw = system_piped = system

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> SList | LSString:
        """Skip a command, and return an empty output."""
        self.tell("shell", f"!{cmd}")
        return SList() if split else LSString()

    def run_line_magic(self, magic_name: str, line: str, _stack_depth: int = 1) -> Any:
        """Run ``%magic``, or skip it if it does not exist or cannot work here."""
        text = f"%{magic_name} {line}".strip()
        if magic_name in _NO_LINES or magic_name in _DEBUGGERS:
            return self.tell("shell" if magic_name in _NO_LINES else "debugger", text)
        if self.find_line_magic(magic_name) is None:
            return self.tell("magic", text)
        try:
            return super().run_line_magic(magic_name, line, _stack_depth=_stack_depth + 1)
        except UsageError:
            return self.tell("magic", text)
        except Exception:
            if magic_name not in _MAY_FAIL:
                raise
            return self.tell("magic", text)

    def run_cell_magic(self, magic_name: str, line: str, cell: str) -> Any:
        """Run a cell below ``%%magic``, even if there is no such magic; skip it if the magic starts another program."""
        if magic_name in _NO_CELLS:
            return self.tell("cell", f"%%{magic_name} {line}".strip())
        if self.find_cell_magic(magic_name) is not None and magic_name not in _DEBUGGERS:
            return super().run_cell_magic(magic_name, line, cell)
        self.tell("magic", f"%%{magic_name} {line}".strip())
        return self.run_cell(cell).raise_error()

    def showtraceback(self, *_: Any, **__: Any) -> None:
        """Do nothing: the cell's error output already reports the error, and no one would see a traceback."""

    showsyntaxerror = showtraceback

    @contextlib.contextmanager
    def _tee(self, *_: Any, **__: Any) -> Iterator[None]:
        # IPython 9 would keep everything printed in the history manager, without a limit.
        yield


def create() -> Shell:
    """Return a new shell; call this before forking, because creating a shell in each child costs more."""
    HistoryManager.enabled = False  # type: ignore[assignment]  # replaces the trait, so nothing turns it on
    shell = Shell.instance(cache_size=0)
    shell.run_line_magic("matplotlib", "inline")
    return shell


def error_output(error: BaseException) -> dict[str, Any]:
    """Return an error output in nbformat's format, with the error's message but no frames of the grader."""
    text = _ANSI.sub("", text_of(error))[:2000]
    name = type(error).__name__
    return {"output_type": "error", "ename": name, "evalue": text, "traceback": [f"{name}: {text}"]}
