"""The site: it is built without a warning, every link within it leads somewhere, and it asks nothing of the network.

Where there is a Chromium, every page is opened in it, as narrow as a telephone and as wide as a desk.
"""

import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from normspec.layers import all_clauses

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
NARROW, WIDE = 390, 1400
EXAMINED = (
    "tried",
    "index",
    "spec/batch_norm",
    "conventions/momentum",
    "porting/torch-to-keras",
    "frameworks/torch",
    "findings",
    "guides",
    "search",
)
"""Pages of every kind, of which accessibility is examined in both themes."""
DOCS = Path(__file__).resolve().parent.parent / "docs"


class Page(HTMLParser):
    """What a page has: its ids, its links, and what it loads."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.loaded, self.formulas = set(), [], [], 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        of = dict(attrs)
        self.ids |= {of["id"]} if "id" in of else set()
        self.links += [of["href"]] if tag == "a" and of.get("href") else []
        self.loaded += [of["src"]] if of.get("src") else [of["href"]] if tag == "link" and of.get("rel") == "stylesheet" else []
        self.formulas += tag == "math"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Give the folder of the site, and its pages by their paths."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-d", folder / "trees", DOCS, folder / "html"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    html = folder / "html"
    paths = (path for path in html.rglob("*.html") if "_static" not in path.parts)  # the theme's own parts are no pages
    return html, {path.relative_to(html).as_posix(): Page(path.read_text(encoding="utf-8")) for path in paths}


def test_every_page_of_the_docs_is_there(site):
    _, pages = site
    assert {path.relative_to(DOCS).with_suffix(".html").as_posix() for path in DOCS.rglob("*.md")} <= set(pages)


def test_every_link_within_the_site_leads_somewhere(site):
    html, pages = site
    dead = []
    for name, page in pages.items():
        for link in page.links:
            at = urlsplit(link)
            there = (html / name).parent / unquote(at.path) if at.path else html / name
            target = there.resolve().relative_to(html.resolve()).as_posix() if not at.scheme else None
            if target and (not there.exists() or (at.fragment and target in pages and unquote(at.fragment) not in pages[target].ids)):
                dead.append(f"{name}: {link}")
    assert dead == []


def test_every_clause_has_an_anchor_that_links_to_itself(site):
    _, pages = site
    for clause in all_clauses():
        page = pages[f"spec/{clause.partition('.')[0].replace('-', '_')}.html"]
        assert clause in page.ids
        assert f"#{clause}" in page.links


def test_nothing_is_loaded_from_elsewhere(site):
    html, pages = site
    assert [what for page in pages.values() for what in page.loaded if urlsplit(what).scheme or what.startswith("//")] == []
    sheets = (text for sheet in html.rglob("*.css") for text in re.findall(r"url\(([^)]*)\)", sheet.read_text(encoding="utf-8")))
    assert [url for url in sheets if url.strip("'\"").startswith(("http", "//"))] == []


def test_formulas_are_drawn_by_the_browser_itself(site):
    _, pages = site
    assert pages["spec/batch_norm.html"].formulas > 10
    assert not [name for name, page in pages.items() if any("mathjax" in what.lower() for what in page.loaded)]


@pytest.mark.parametrize("word", ["momentum", "bessel", "use_fast_variance"])
def test_the_search_knows_what_people_ask_for(site, word):
    html, _ = site
    assert re.search(rf'[{{,"]{word[:6]}\w*"?:', (html / "searchindex.js").read_text(encoding="utf-8"))  # words are stemmed


@pytest.fixture(scope="module")
def browser():
    """Give a Chromium, where there is one."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        found = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


def opened(browser, width, theme="light"):
    """Give an empty page of this width, and the list of what goes wrong on it."""
    page, wrong = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme).new_page(), []
    page.on("console", lambda said: wrong.append(f"{page.url}: {said.text}") if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
    page.on("requestfailed", lambda request: wrong.append(f"{page.url}: {request.url}"))
    return page, wrong


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_every_page_opens_without_errors_and_is_no_wider_than_the_screen(site, browser, width):
    html, pages = site
    page, wrong = opened(browser, width)
    for name, told in pages.items():
        page.goto((html / name).as_uri())
        beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        drawn = page.evaluate("[...document.images].every(i => i.complete && (i.naturalWidth > 0 || !i.offsetParent))")
        formulas = page.evaluate("[...document.querySelectorAll('math')].filter(m => m.getBoundingClientRect().width > 0).length")
        wrong += [f"{name}: {beyond} pixels beyond the screen"] if beyond > 0 else []
        wrong += [f"{name}: a picture that is not there"] if not drawn else []
        wrong += [f"{name}: {formulas} of {told.formulas} formulas"] if formulas < told.formulas else []
    assert wrong == []


@pytest.mark.parametrize(("word", "page"), [("momentum", "momentum"), ("bessel", "variance"), ("use_fast_variance", "spec")])
def test_the_search_finds(site, browser, word, page):
    html, _ = site
    opening, wrong = opened(browser, WIDE)
    opening.goto(f"{(html / 'search.html').as_uri()}?q={word}")
    opening.wait_for_selector("#search-results ul.search li a")
    found = [link.get_attribute("href") for link in opening.query_selector_all("#search-results ul.search li a")]
    assert any(page in link for link in found), found
    assert wrong == []


def test_from_the_front_page_two_clicks_lead_from_pytorch_to_keras_and_to_why_the_variance_differs(site, browser):
    html, _ = site
    page, wrong = opened(browser, WIDE)
    page.goto((html / "index.html").as_uri())
    page.click("article a[href='porting/torch-to-keras.html']")
    assert "keras.layers.BatchNormalization(axis=1, momentum=0.9, epsilon=1e-05)" in page.inner_text("article")
    page.click("article a:has-text('why')")
    assert page.url.endswith("conventions/variance.html")
    assert wrong == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", EXAMINED)
def test_pages_are_accessible(site, browser, name, theme):
    html, _ = site
    page, _ = opened(browser, WIDE, theme)
    page.goto((html / f"{name}.html").as_uri())
    found = pytest.importorskip("axe_playwright_python.sync_playwright").Axe().run(page).response["violations"]
    grave = {f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:200]}" for one in found if one["impact"] in ("serious", "critical")}
    assert grave == set()
