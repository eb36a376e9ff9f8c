"""What the site says of the package it was built beside, and what it needs to be read without a server."""

from __future__ import annotations

from importlib.metadata import metadata
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the version into the title, and link the repository, if `[project.urls]` of pyproject.toml has a `Repository`."""
    package = metadata("pulumi-aep-streaming")
    config.site_name = f"{config.site_name} {package['Version']}"
    urls = dict(line.split(", ", 1) for line in package.get_all("Project-URL", []))
    if "Repository" in urls:
        config.repo_url, config.repo_name = urls["Repository"], "Repository"
    return config


def on_post_build(config: MkDocsConfig) -> None:
    """Write the index of the search as a script, too: from a file, pages can load nothing else, and without it they stop."""
    index = Path(config.site_dir, "search", "search_index.json")
    index.with_suffix(".js").write_text(f"var __index = {index.read_text()}")
