"""A headless Chromium, and what a test asks of a page in it."""

from __future__ import annotations

import os
import shutil

import pytest


def has_chromium():
    return bool(shutil.which("chromium") and shutil.which("chromedriver"))


@pytest.fixture
def browser(request, tmp_path):
    """A headless Chromium of Debian's, with a new profile; its parameter is whether scripts may run."""
    if not has_chromium():
        if os.geteuid() == 0 and shutil.which("apt-get"):
            pytest.fail("no chromium here: make browser")
        pytest.skip("no chromium and chromium-driver on this machine; Debian has them as packages")
    from selenium import webdriver  # noqa: PLC0415  (only slow tests need it)

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for flag in (
        "headless",
        "no-sandbox",
        "disable-gpu",
        "disable-dev-shm-usage",
        "disable-quic",
        "no-first-run",
        "disable-background-networking",
        "disable-component-update",
        "disable-sync",
        "hide-scrollbars",
        "force-device-scale-factor=1",
        "window-size=1280,1000",
        f"user-data-dir={tmp_path / 'profile'}",
    ):
        options.add_argument(f"--{flag}")
    if not getattr(request, "param", True):
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    yield driver
    driver.quit()


def texts(element, selector):
    return [found.text for found in element.find_elements("css selector", selector)]


def beyond_the_window(browser):
    """How much wider than the window the page is."""
    root = browser.find_element("css selector", "html")
    return int(root.get_property("scrollWidth")) - int(root.get_property("clientWidth"))
