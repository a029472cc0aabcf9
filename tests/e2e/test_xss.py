"""What is made to run as a script is written into every field, and looked at in a real browser: nothing runs.

Once as people see it, where the content policy has nothing to report; and once without that policy, so that it is not
what saves the page. The texts and the fields are in tests/support/xss.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from realtime.testing.stack import Stack
from tests.e2e.window import Window
from tests.support.xss import FIELDS, PAYLOADS, READER, Field

pytestmark = pytest.mark.e2e

# Says whatever runs, what the policy had to refuse, and what on the page could run or reach out.
_WATCH = """
for (const name of ["alert", "confirm", "prompt", "print"]) window[name] = () => harm(`ran ${name}`);
addEventListener("securitypolicyviolation", (event) => harm(`policy: ${event.violatedDirective} ${event.blockedURI}`));
const FORBIDDEN = [
  "iframe, frame, object, embed, applet, base, form[action], meta[http-equiv], [srcdoc], [formaction], math, audio",
  "video, marquee, body link, body style, body script, svg script, svg foreignObject, svg use, svg animate, svg set",
].join(",");
const ADDRESS = /^(href|src|poster|background|xlink:href)$/;
const HARMLESS = /^(https?:|mailto:|[/](?![/])|#)/;
window.lookForHarm = () => {
  const shown = (element) => element.outerHTML.slice(0, 200);
  for (const element of document.body.querySelectorAll(FORBIDDEN)) harm(`element: ${shown(element)}`);
  for (const element of document.body.querySelectorAll("*")) {
    for (const { name, value } of element.attributes) {
      if (name.startsWith("on")) harm(`handler: ${shown(element)}`);
      if (ADDRESS.test(name) && !HARMLESS.test(value)) harm(`address: ${shown(element)}`);
      if (name === "src" && new URL(value, location.href).origin !== location.origin) harm(`from: ${shown(element)}`);
    }
  }
};
"""


@pytest.fixture(scope="module")
def planted(site: Stack) -> dict[str, Any]:
    """What each field needs to be shown."""
    printed = site.manage(
        "shell", "--no-imports", "-c", "from tests.support.xss import plant_all; print(plant_all())"
    )
    found: dict[str, Any] = json.loads(printed.strip().splitlines()[-1])
    return found


@pytest.fixture(params=[False, True], ids=["with the policy", "without the policy"])
def watched(
    request: pytest.FixtureRequest, planted: dict[str, Any], open_window: Callable[..., Window]
) -> tuple[Window, list[str]]:
    harm: list[str] = []
    tall = {"width": 1280, "height": 5000}
    window = open_window(READER, path="about:blank", viewport=tall, bypass_csp=request.param)
    window.page.on("dialog", lambda dialog: (harm.append(f"dialog {dialog.message}"), dialog.dismiss()))
    window.page.context.expose_function("harm", lambda said: harm.append(said))
    window.page.context.add_init_script(_WATCH)
    window.page.goto("/")
    expect(window.page.get_by_role("navigation", name="Rooms")).to_be_visible()
    return window, harm


def test_there_is_enough_to_try() -> None:
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 300


def test_nothing_runs_whatever_somebody_writes(
    watched: tuple[Window, list[str]], planted: dict[str, Any]
) -> None:
    window, harm = watched
    for field in FIELDS:
        _shown(field, window, planted[field.name], harm)
    assert window.errors == []


def _shown(field: Field, window: Window, needed: Any, harm: list[str]) -> None:
    field.show(window, needed)
    assert harm == [], field.name
