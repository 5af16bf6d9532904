"""Hooks of the documents' site: README and others of the root become pages of it, and links follow them."""

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
PAGES = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
# Of the repository, and no pages: their links become words.
_ELSEWHERE = re.compile(r"\[([^]\n]+)\]\((?:\.\./)?(?:examples/\w+|LICENSE)\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages that lie in the repository's root."""
    for name, page in PAGES.items():
        files.append(File.generated(config, page, content=(ROOT / name).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001
    """Turns links between the root and docs/ into links between pages of one folder."""
    for name, target in PAGES.items():
        markdown = re.sub(rf"\]\((?:\.\./)?{re.escape(name)}", f"]({target}", markdown)
    markdown = markdown.replace("](docs/", "](").replace('src="docs/', 'src="')
    return _ELSEWHERE.sub(r"\1", markdown)
