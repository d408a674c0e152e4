"""The gallery in a browser: what people click, drag, touch and type does what it should."""

import numpy as np
import pytest
import trimesh
from chromium import Chromium, find_chromium

from toposhape.publication.gallery.page import GalleryShape, GalleryWalk, gallery_page
from toposhape.publication.pictures.pictures import portray
from toposhape.publication.pictures.pieces import Mesh
from toposhape.topology.tables import StoredDiagram

pytestmark = pytest.mark.skipif(
    find_chromium() is None, reason="no Chromium on the PATH to open the gallery in"
)
LOOSE_RED = (200, 60, 45)


def solid(*parts):
    mesh = trimesh.util.concatenate(parts)
    return Mesh(np.asarray(mesh.vertices, np.float32), np.asarray(mesh.faces))


def ball(radius, x=0.0):
    return trimesh.creation.icosphere(2, radius).apply_translation((x, 0, 0))


def diagram(h0=(), h1=()):
    return StoredDiagram(
        tuple(np.array(points, np.float32).reshape(-1, 2) for points in (h0, h1, ()))
    )


def made(category, method, name, kind):
    mesh, points, betti = {
        "ball": (solid(ball(0.7)), diagram(), (1, 0, 0)),
        "ring": (solid(trimesh.creation.torus(0.7, 0.25)), diagram(h1=[(-0.4, 0.2)]), (1, 1, 0)),
        "two": (solid(ball(0.5, -0.3), ball(0.3, 0.7)), diagram(h0=[(-0.1, 0.3)]), (2, 0, 0)),
        "none": (Mesh(np.zeros((0, 3)), np.zeros((0, 3), int)), diagram(), (0, 0, 0)),
    }[kind]
    return GalleryShape(category, method, name, portray(mesh, 220), points, betti)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A page of eight shapes and, by two methods, a walk from a ring to two balls."""
    plan = [
        ("chair", "Plain", "000", "two"),
        ("chair", "Plain", "001", "ball"),
        ("chair", "Plain", "002", "none"),
        ("chair", "Ours", "000", "ring"),
        ("chair", "Ours", "001", "ball"),
        ("table", "Plain", "000", "ring"),
        ("table", "Ours", "000", "ball"),
        ("table", "Control", "000", "two"),
    ]
    kinds = list(enumerate(("ring", "ball", "two")))
    walks = [
        GalleryWalk([made("chair", method, str(i), kind) for i, kind in kinds], ("000", "001"))
        for method in ("Ours", "Plain")
    ]
    tests = {name: {"real": diagram(h1=[(-0.4, 0.2)])} for name in ("chair", "table")}
    text = gallery_page("test", [made(*line) for line in plan], walks, tests)
    path = tmp_path_factory.mktemp("gallery") / "gallery.html"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def tab(tmp_path_factory):
    browser = Chromium(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture
def gallery(tab, page):
    """The page, freshly opened; it must have nothing to complain of in the end."""
    tab.open(page)
    yield tab
    assert tab.complaints() == []


def click(tab, selector):
    tab.js(f"document.querySelector({selector!r}).click()")


def card(number):
    return f".card:nth-child({number})"


def text(tab, selector):
    return tab.js(f"document.querySelector({selector!r}).textContent")


def cards(tab):
    return tab.js("[...document.querySelectorAll('.card .label')].map((e) => e.textContent)")


def marks(tab, degree):
    """Number of points of a degree in the diagram."""
    drawn = tab.js(f"document.querySelectorAll('#diagram .mark')[{degree}].getAttribute('d')")
    return drawn.count("M")


def choose_order(tab, order):
    tab.js(
        f"(() => {{const s = document.querySelector('#order'); s.value = {order!r};"
        "s.dispatchEvent(new Event('change', {bubbles: true}))})()"
    )


def move_slider(tab, selector, value):
    tab.js(
        f"(() => {{const s = document.querySelector({selector!r}); s.value = {value};"
        "s.dispatchEvent(new Event('input'))})()"
    )


def test_it_opens_with_the_first_shape_and_asks_the_network_for_nothing(gallery):
    assert len(cards(gallery)) == 8
    assert text(gallery, "#name") == "chair 000"
    assert text(gallery, "#found") == "8 of 8 shapes"
    assert all(url.startswith(("file:", "data:")) for url in gallery.requests())


def test_a_click_shows_shape_counts_and_diagram(gallery):
    click(gallery, card(4))
    assert text(gallery, "#name") == "chair 000"
    assert text(gallery, "#about") == "Ours"
    assert text(gallery, "#counts") == "1piece1handle0cavities"
    assert [marks(gallery, degree) for degree in range(3)] == [0, 1, 0]
    assert "1 point of H1" in gallery.js("document.querySelector('#diagram').ariaLabel")
    click(gallery, "#next")
    assert text(gallery, "#name") == "chair 001"
    click(gallery, "#siblings button")  # the same number by the other method
    assert text(gallery, "#about") == "Plain"


def share(picture, colour, tolerance=70):
    """Share of the picture's pixels that are near a colour."""
    return (np.abs(np.asarray(picture, int) - colour).max(axis=2) < tolerance).mean()


def test_loose_pieces_are_red_and_the_view_turns(gallery):
    first = gallery.picture("#canvas")
    assert share(first, LOOSE_RED) > 0.01
    assert not gallery.js("document.querySelector('#loose').hidden")
    gallery.drag("#canvas", 150, 40)
    turned = gallery.picture("#canvas")
    assert turned.tobytes() != first.tobytes()
    gallery.js("document.querySelector('#canvas').focus()")
    gallery.press("ArrowLeft")
    assert gallery.picture("#canvas").tobytes() != turned.tobytes()
    click(gallery, "#reset")
    assert gallery.picture("#canvas").tobytes() == first.tobytes()
    click(gallery, card(2))
    assert share(gallery.picture("#canvas"), LOOSE_RED) == 0


def test_shapes_are_cut_open_and_empty_ones_named(gallery):
    click(gallery, card(2))
    whole = share(gallery.picture("#canvas"), (150, 170, 200))
    move_slider(gallery, "#cut", 60)
    opened = gallery.picture("#canvas")
    assert share(opened, (150, 170, 200)) < whole
    click(gallery, card(3))
    assert "empty" in text(gallery, "#nothing")
    assert share(gallery.picture("#canvas"), (255, 255, 255)) > 0.95  # but for words and a button


def test_filters_and_orders(gallery):
    click(gallery, "[value=table]")
    click(gallery, "[value=Ours]")
    assert cards(gallery) == ["chair 000", "chair 001", "chair 002"]
    assert text(gallery, "#found") == "3 of 8 shapes"
    choose_order(gallery, "few")
    assert cards(gallery) == ["chair 001", "chair 000", "chair 002"]  # the empty one is last
    choose_order(gallery, "far")
    assert cards(gallery)[0] == "chair 000"
    click(gallery, "[value=Plain]")
    assert cards(gallery) == [] and "tick more" in text(gallery, "#found")
    click(gallery, "[value=Ours]")
    choose_order(gallery, "near")
    click(gallery, "#methods .all")
    assert len(cards(gallery)) == 5  # tables are still left out
    click(gallery, "#methods .all")
    assert cards(gallery) == []
    click(gallery, "[value=Ours]")
    assert text(gallery, card(1) + " .distance") == "PD distance 0.00"  # its diagram is the test's


def test_arrow_keys_walk_through_the_cards(gallery):
    gallery.js(f"document.querySelector('{card(1)}').focus()")
    gallery.press("ArrowRight")
    assert text(gallery, "#name") == "chair 001"
    assert text(gallery, ":focus .label") == "chair 001"
    gallery.press("End")
    assert text(gallery, "#name") == "table 000"
    assert gallery.js("document.querySelectorAll('.card[tabindex=\"0\"]').length") == 1


def test_the_slider_moves_shape_and_diagram_together(gallery):
    click(gallery, "#tab-walks")
    assert text(gallery, "#name") == "chair 000 to 001"
    start, points = gallery.picture("#canvas"), [marks(gallery, k) for k in range(3)]
    move_slider(gallery, "#frame", 2)
    assert text(gallery, "#where") == "100 %"
    assert [marks(gallery, k) for k in range(3)] == [1, 0, 0] != points
    assert text(gallery, "#counts").startswith("2pieces")
    assert share(gallery.picture("#canvas"), LOOSE_RED) > 0.01
    assert start.tobytes() != gallery.picture("#canvas").tobytes()
    click(gallery, "#siblings button:nth-child(2)")  # the same way by another method
    assert (text(gallery, "#about"), text(gallery, "#where")) == ("Plain", "100 %")
    click(gallery, "#play")
    gallery.wait_for("document.querySelector('#where').textContent !== '100 %'")
    click(gallery, "#play")
    assert text(gallery, "#play") == "Play"


def test_a_phone_shows_all_without_scrolling_sideways(tab, page):
    tab.open(page, width=360, height=740, touch=True)
    assert tab.js("document.documentElement.scrollWidth") <= 360
    tab.tap(card(2))
    assert text(tab, "#name") == "chair 001"
    tab.wait_for("document.querySelector('#stage').getBoundingClientRect().bottom > 0")
    tab.tap("#tab-walks")
    assert tab.js("document.documentElement.scrollWidth") <= 360
    heights = tab.js("[...document.querySelectorAll('button')].map((b) => b.clientHeight)")
    assert min(height for height in heights if height) >= 36  # fingers need that much
    assert tab.complaints() == []


def test_everything_that_can_be_used_has_a_name(gallery):
    click(gallery, "#tab-walks")
    nodes = gallery.send("Accessibility.getFullAXTree")["nodes"]
    roles = {"button", "checkbox", "slider", "image", "img", "tab", "combobox", "figure"}
    used = [node for node in nodes if node.get("role", {}).get("value") in roles]
    named = {node["role"]["value"] for node in used if node.get("name", {}).get("value")}
    assert {"button", "checkbox", "slider", "tab"} <= named
    nameless = [node for node in used if not node.get("name", {}).get("value")]
    assert [node["role"]["value"] for node in nameless if not node["ignored"]] in ([], ["figure"])
