"""Start a separate Jupyter server for tests, without settings, a token, or requests for news and updates."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import nbformat


@contextmanager
def jupyter(app: str, folder: Path, ready: str, *options: str) -> Iterator[str]:
    """Serve a folder's notebooks with a Jupyter app; yield the address when the path ``ready`` answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = {
        name: str(folder / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR")
    }
    command = [
        sys.executable, "-m", app, "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token=",
        f"--ServerApp.root_dir={folder}", *options,
    ]  # fmt: skip
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(command, cwd=folder, env=os.environ | config, stdout=log, stderr=log)
    try:
        _wait_for(f"http://127.0.0.1:{port}{ready}", server, folder / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:  # sometimes it waits for a kernel that has already ended
            server.kill()
            server.wait()


class Lab(NamedTuple):
    """A running JupyterLab's address, without a trailing slash, and the folder of its notebooks."""

    address: str
    folder: Path


@contextmanager
def jupyterlab(folder: Path) -> Iterator[Lab]:
    """Serve a folder's notebooks with a JupyterLab that exposes its app."""
    quiet = ["news_url=", "extension_manager=readonly", "check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    options = (f"--LabApp.{option}" for option in (*quiet, "expose_app_in_browser=True"))
    with jupyter("jupyterlab", folder, "/api", *options) as address:
        yield Lab(address, folder)


def new_notebook(*cells: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return an unexecuted notebook for Python."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=list(cells), metadata={"kernelspec": kernel})


@contextmanager
def opened(chromium: Any, address: str) -> Iterator[Any]:
    """Load JupyterLab with an empty workspace; yield the page, where `open_notebook` can open many notebooks."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)  # a busy machine is not a page's fault
    page = context.new_page()
    page.goto(f"{address}/lab/workspaces/{uuid4().hex}")
    page.wait_for_function("window.jupyterapp?.restored")
    page.evaluate("() => { window.jupyterapp.restored.then(() => { window.isRestored = true; }); }")
    page.wait_for_function("window.isRestored")
    yield page
    context.close()


# Opens a notebook instead of the one that was open, whose changes are discarded and whose kernel ends. The browser may
# discard a promise that only a test waits for, so the promise is stored, and the test looks for its result.
_OPEN = """([path, hasKernel]) => {
  const { shell, commands } = window.jupyterapp;
  const open = async () => {
    for (const widget of [...shell.widgets("main")]) {
      await widget.context?.sessionContext?.shutdown();
      widget.dispose();
    }
    const kernel = hasKernel ? { name: "python3" } : { shouldStart: false };
    await commands.execute("docmanager:open", { path, kernel });
  };
  window.opening = open();
}"""

_IS_OPEN = """([path, hasKernel]) => {
  const panel = window.jupyterapp.shell.currentWidget;
  if (panel?.context?.path !== path || !panel.context.isReady || !panel.content.widgets.length) return false;
  const kernel = panel.sessionContext.session?.kernel;
  return !hasKernel || (kernel?.connectionStatus === "connected" && kernel.status === "idle");
}"""


def open_notebook(page: Any, path: str, has_kernel: bool = True) -> None:
    """Open a notebook in a page from `opened`, and wait until it is ready."""
    page.evaluate(_OPEN, [path, has_kernel])
    page.wait_for_function(_IS_OPEN, arg=[path, has_kernel])


def _wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text()[-2000:]
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.3)
    raise AssertionError(f"{address} did not start: {log.read_text()[-2000:]}")
