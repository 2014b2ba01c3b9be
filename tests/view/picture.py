"""The picture of the viewer in the docs.

python -m tests.view.picture docs/images/viewer.png
"""

import sys
import tempfile
from pathlib import Path

from minillm.view import write_page
from tests.view.large_trees import CHROMIUM
from tests.view.samples import rivers


def main(target: str) -> None:
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        html = Path(folder, "rivers.html")
        write_page(rivers(), html, title="Rivers for beginners")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        size = {"width": 1240, "height": 530}
        page = browser.new_context(viewport=size, device_scale_factor=1.5, offline=True).new_page()  # type: ignore[arg-type]
        page.goto(html.as_uri())
        page.keyboard.press("s")
        page.screenshot(path=target)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
