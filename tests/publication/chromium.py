"""A headless Chromium, driven through the two pipes of its DevTools protocol."""

import base64
import io
import json
import os
import select
import shutil
import subprocess
import sys
import time

from PIL import Image

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE = 90  # seconds, for a machine with much else to do
FLAGS = (
    "--headless --no-sandbox --no-first-run --disable-dev-shm-usage --use-angle=swiftshader "
    "--enable-unsafe-swiftshader --remote-debugging-pipe about:blank"
)
LAUNCH = """
import fcntl, os, sys
ours = [fcntl.fcntl(int(fd), fcntl.F_DUPFD, 10) for fd in sys.argv[1:3]]
for fd, place in zip(ours, (3, 4)):
    os.dup2(fd, place)
os.execv(sys.argv[3], sys.argv[3:])
"""


def find_chromium():
    """The path of a Chromium, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Chromium:
    """One tab of a browser of its own; `events` are all that it has reported."""

    def __init__(self, profile):
        theirs_in, self._write = os.pipe()
        self._read, theirs_out = os.pipe()
        command = [find_chromium(), *FLAGS.split(), f"--user-data-dir={profile}"]
        self._process = subprocess.Popen(
            [sys.executable, "-c", LAUNCH, str(theirs_in), str(theirs_out), *command],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._buffer, self._sent, self._session, self.events = b"", 0, None, []
        targets = self.send("Target.getTargets")["targetInfos"]
        page = next(target["targetId"] for target in targets if target["type"] == "page")
        self._session = self.send("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def close(self):
        self.send("Browser.close")
        self._process.wait(PATIENCE)
        os.close(self._read)
        os.close(self._write)

    def send(self, method, **parameters):
        """Send a command and wait for its result."""
        self._sent += 1
        message = {"id": self._sent, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while (answer := self._receive()).get("id") != self._sent:
            self.events.append(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def _receive(self):
        while b"\0" not in self._buffer:
            assert select.select([self._read], [], [], PATIENCE)[0], "Chromium does not answer"
            part = os.read(self._read, 1 << 20)
            assert part, "Chromium has ended"
            self._buffer += part
        message, self._buffer = self._buffer.split(b"\0", 1)
        return json.loads(message)

    def js(self, expression):
        """The value of a JavaScript expression in the page."""
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, (expression, answer)
        return answer["result"].get("value")

    def wait_for(self, expression):
        """Wait until an expression is true."""
        end = time.monotonic() + PATIENCE
        while not self.js(expression):
            assert time.monotonic() < end, f"not reached: {expression}"
            time.sleep(0.05)

    def open(self, path, width=1280, height=900, touch=False):
        """Show a file in a window of that size, and forget the events so far."""
        self.events.clear()
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": touch}
        self.send("Emulation.setDeviceMetricsOverride", **size)
        self.send("Emulation.setTouchEmulationEnabled", enabled=touch)
        self.js("window.old = true")
        self.send("Page.navigate", url=path.as_uri())
        self.wait_for("!window.old && document.documentElement?.dataset.ready === 'yes'")

    def picture(self, selector):
        """What an element looks like without focus, when nothing is being drawn any more."""
        self.wait_for("!document.querySelector('[aria-busy=true]')")
        self.js("document.activeElement.blur()")
        self.js(f"document.querySelector({selector!r}).scrollIntoView({{behavior: 'instant'}})")
        before = None
        while (now := self._shot(selector)) != before:
            before = now
        return Image.open(io.BytesIO(now)).convert("RGB")

    def _shot(self, selector):
        x, y, width, height = self.box(selector)
        clip = {"x": x, "y": y, "width": width, "height": height, "scale": 1}
        shot = self.send("Page.captureScreenshot", format="png", clip=clip)
        return base64.b64decode(shot["data"])

    def box(self, selector):
        """Left, top, width and height of an element on the page."""
        return self.js(
            f"(() => {{const r = document.querySelector({selector!r}).getBoundingClientRect();"
            "return [r.x + scrollX, r.y + scrollY, r.width, r.height]})()"
        )

    def press(self, key):
        """Press a key that writes nothing, such as an arrow."""
        for kind in ("keyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", type=kind, key=key, code=key)

    def drag(self, selector, dx, dy):
        """Drag with the mouse from the middle of an element that is in sight."""
        x, y, width, height = self.box(selector)
        x, y = x + width / 2 - self.js("scrollX"), y + height / 2 - self.js("scrollY")
        steps = [("mousePressed", 0), ("mouseMoved", 0.5), ("mouseMoved", 1), ("mouseReleased", 1)]
        for kind, share in steps:
            place = {"x": x + share * dx, "y": y + share * dy, "button": "left", "clickCount": 1}
            self.send("Input.dispatchMouseEvent", type=kind, **place)

    def tap(self, selector):
        """Touch an element shortly."""
        self.js(f"document.querySelector({selector!r}).scrollIntoView({{behavior: 'instant'}})")
        x, y, width, height = self.box(selector)
        place = {"x": x + width / 2 - self.js("scrollX"), "y": y + height / 2 - self.js("scrollY")}
        self.send("Input.dispatchTouchEvent", type="touchStart", touchPoints=[place])
        self.send("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    def complaints(self):
        """Exceptions, errors and warnings of the page since it was opened."""
        bad = ("error", "warning", "assert")
        found = []
        for event in self.events:
            what = event.get("params", {})
            logged = event.get("method") == "Log.entryAdded" and what["entry"]["level"] in bad
            written = event.get("method") == "Runtime.consoleAPICalled" and what["type"] in bad
            if logged or written or event.get("method") == "Runtime.exceptionThrown":
                found.append(what)
        return found

    def requests(self):
        """Addresses that the page has asked for."""
        return [
            event["params"]["request"]["url"]
            for event in self.events
            if event.get("method") == "Network.requestWillBeSent"
        ]
