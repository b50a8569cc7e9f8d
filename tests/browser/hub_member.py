"""Provide a hub member for tests, with a browser login, a REST token, and their own server."""

import time
from typing import Any

import nbformat

WAIT = 120  # seconds: a busy machine takes a while to import all of Jupyter
TOKEN = """async (name) => {
  const headers = { "X-XSRFToken": window.jhdata.xsrf_token, "Content-Type": "application/json" };
  const reply = await fetch(`/hub/api/users/${name}/tokens`, { method: "POST", headers, body: "{}" });
  return (await reply.json()).token;
}"""


class Member:
    """Someone who logs in on the hub's page, and then works in a browser or through the REST API."""

    def __init__(self, chromium: Any, address: str, name: str, password: str) -> None:
        self.name, self.hub = name, address
        self.server = f"{address}/user/{name}"
        self.page = chromium.new_context(viewport={"width": 1280, "height": 900}).new_page()
        self.page.set_default_timeout(WAIT * 1000)
        self.page.goto(f"{address}/hub/login?next=%2Fhub%2Fhome")
        self.page.fill("#username_input", name)
        self.page.fill("#password_input", password)
        self.page.click("#login_submit")
        self.page.wait_for_function("window.jhdata?.user")
        self._headers = {"Authorization": f"token {self.page.evaluate(TOKEN, name)}"}

    def start(self) -> None:
        """Ask the hub for the member's server without waiting, so that several servers start at the same time."""
        self._ask("POST", f"{self.hub}/hub/api/users/{self.name}/server")

    def wait(self) -> None:
        until = time.monotonic() + WAIT
        while not self._ask("GET", f"{self.hub}/hub/api/users/{self.name}").json()["servers"].get("", {}).get("ready"):
            assert time.monotonic() < until, f"the server of {self.name} does not start"
            time.sleep(0.5)

    def get(self, path: str) -> Any:
        """Return the JSON at a path of the member's server."""
        return self._ask("GET", f"{self.server}/{path}").json()

    def do(self, path: str, **data: str) -> Any:
        """Send a POST request to a path of the member's server, and require that nbgrader reports success."""
        said = self._ask("POST", f"{self.server}/{path}", data).json()
        assert said["success"], said
        return said

    def status(self, path: str) -> int:
        """Return the HTTP status of a page on the member's server."""
        return self.page.request.get(f"{self.server}/{path}", headers=self._headers, timeout=WAIT * 1000).status

    def read(self, path: str) -> nbformat.NotebookNode:
        return nbformat.from_dict(self.get(f"api/contents/{path}")["content"])

    def save(self, path: str, notebook: nbformat.NotebookNode) -> None:
        """Save a notebook as JupyterLab does."""
        self._ask("PUT", f"{self.server}/api/contents/{path}", {"type": "notebook", "content": notebook})

    def _ask(self, method: str, address: str, data: Any = None) -> Any:
        reply = self.page.request.fetch(
            address, method=method, headers=self._headers, data=data, timeout=WAIT * 1000, fail_on_status_code=False
        )
        assert reply.ok, f"{method} {address}: {reply.status} {reply.text()[-2000:]}"
        return reply
