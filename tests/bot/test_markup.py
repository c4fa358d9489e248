"""From the markup of replies to what clients show: nothing that people wrote becomes HTML."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import markup


class Shown(HTMLParser):
    """What a client shows, and the tags and addresses that it got."""

    def __init__(self, html):
        super().__init__()
        self.text, self.tags, self.links = "", set(), []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.text += "\n" if tag == "br" else ""
        self.links += [value for name, value in attrs if name == "href"]

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**Neu:** 3 < 4 & 5", "<strong>Neu:</strong> 3 &lt; 4 &amp; 5"),
        ("eins\nzwei", "eins<br>zwei"),
        (
            "Zugang: https://video.example.org/j?id=1&pwd=a%2Fb.",
            'Zugang: <a href="https://video.example.org/j?id=1&amp;pwd=a%2Fb">'
            "https://video.example.org/j?id=1&amp;pwd=a%2Fb</a>.",
        ),
        ("<b onclick='x'>", "&lt;b onclick='x'&gt;"),
    ],
)
def test_bold_lines_and_links_are_all_there_is(text, html):
    assert markup.html(text) == html


def test_a_link_leads_where_it_says():
    address = "https://video.example.org/j?id=1&pwd=2&lang=de"
    assert Shown(markup.html(f"Hier: {address}")).links == [address]


@given(st.text(alphabet="<>&\"'*\n aä/:.?=;#https", max_size=80))
def test_whatever_is_written_is_shown_as_it_is(text):
    shown = Shown(markup.html(text))
    assert shown.text == markup.plain(text)
    assert shown.tags <= {"strong", "br", "a"}
