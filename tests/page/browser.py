"""A browser without a window, spoken to through two pipes in the protocol of its own tools."""

from __future__ import annotations

import base64
import json
import os
import select
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from tools import browser

PATIENCE = 60.0  # seconds that one answer may take
_FLAGS = (
    "--headless=new", "--no-sandbox", "--remote-debugging-pipe", "--no-first-run",
    "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions", "--hide-scrollbars",
    "--disable-background-networking", "--force-device-scale-factor=1",
)  # fmt: skip


class Tab:
    """A tab of a browser: it opens pages, runs scripts in them, and takes pictures of them.

    Parameters
    ----------
    to_browser, from_browser : int
        The ends of the pipes.
    """

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to, self._from = to_browser, from_browser
        self._last = 0
        self._rest = b""
        self._session: dict[str, str] = {}
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        found = self.ask("Target.attachToTarget", targetId=target, flatten=True)
        self._session = {"sessionId": found["sessionId"]}
        self.ask("Page.enable")

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and wait for its answer."""
        self._last += 1
        message = {"id": self._last, "method": method, "params": params, **self._session}
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._last:
                assert "error" not in answer, f"{method}: {answer['error']}"
                found: dict[str, Any] = answer["result"]
                return found

    def open(self, page: Path, width: int, media: str = "screen") -> Self:
        """Open a file, `width` CSS pixels wide, in the light."""
        self.light(media)
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=900, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip
        self.ask("Page.navigate", url=page.resolve().as_uri())
        while self._next().get("method") != "Page.loadEventFired":
            pass
        return self

    def light(self, media: str = "screen") -> Self:
        """Show what is open, and what is opened, to readers who like it light."""
        return self._liked("light", media)

    def dark(self) -> Self:
        """Show the same to readers who like it dark."""
        return self._liked("dark", "screen")

    def run(self, script: str) -> Any:
        """Run a script, wait for what it promises, and give its value."""
        found = self.ask(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def picture(self) -> bytes:
        """Give the whole page as PNG."""
        return self._data("Page.captureScreenshot", captureBeyondViewport=True)

    def printed(self) -> bytes:
        """Give the page as it prints, as PDF."""
        return self._data("Page.printToPDF", preferCSSPageSize=True)

    def _liked(self, scheme: str, media: str) -> Self:
        liked = [{"name": "prefers-color-scheme", "value": scheme}]
        self.ask("Emulation.setEmulatedMedia", media=media, features=liked)
        return self

    def _data(self, method: str, **params: Any) -> bytes:
        return base64.b64decode(self.ask(method, **params)["data"])

    def _next(self) -> dict[str, Any]:
        """Wait for the next message, which ends in a zero byte."""
        until = time.monotonic() + PATIENCE
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._from], [], [], max(0.0, until - time.monotonic()))
            assert ready, f"the browser was silent for {PATIENCE:.0f} seconds"
            more = os.read(self._from, 1 << 20)
            assert more, "the browser has ended"
            self._rest += more
        first, self._rest = self._rest.split(b"\0", 1)
        message: dict[str, Any] = json.loads(first)
        return message


@contextmanager
def tab() -> Iterator[Tab]:
    """Start a browser, and end it."""
    there_in, there_out = os.pipe()
    back_in, back_out = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        # It reads from 3 and writes to 4.
        command = f'exec "$@" 3<&{there_in} 4>&{back_out}'
        program = [str(browser()), *_FLAGS, f"--user-data-dir={folder}"]
        process = subprocess.Popen(  # noqa: S603
            ["/bin/bash", "-c", command, "browser", *program],
            pass_fds=(there_in, back_out), stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(there_in)
        os.close(back_out)
        try:
            yield Tab(there_out, back_in)
        finally:
            os.close(there_out)
            os.close(back_in)
            process.kill()
            process.wait()
