"""Players that yt-dlp knows by an address of its own."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest

from vidindex.resolve.extractors import find_extractor_address, has_extractor

UUID = "0b0ba30e-032a-4598-8810-901d70e6033e"
ARC = f"https://gray-prod-cdn.video-api.arcpublishing.com/api/v1/ansvideos/findByUuid?uuid={UUID}"


def anvato(**fields: object) -> str:
    key = b64encode(json.dumps(fields).encode()).decode()
    return f"https://w3.mp.lura.live/player/prod/v3/anvload.html?key={key}"


def test_players_of_arc_and_anvato_have_extractors() -> None:
    assert find_extractor_address(ARC) == f"arcpublishing:gray:{UUID}"
    assert find_extractor_address(anvato(m="LIN", v="4609000", anvack="X8POa4zY")) == "anvato:X8POa4zY:4609000"
    assert find_extractor_address(anvato(m="LIN", v="4609000")) == "anvato:LIN:4609000"
    assert has_extractor(ARC)
    assert has_extractor(anvato(m="LIN", v="4609000"))


@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com/watch?v=aB3dE6gH9jK",
        ARC.replace("gray", "a.example"),
        anvato(m="LIN", v="x:y"),
        anvato(m="a:b", v="4609000"),
        "https://w3.mp.lura.live/player/prod/v3/anvload.html?key=%00",
        "https://lura.live.example/anvload.html?key=" + anvato(m="LIN", v="4609000").partition("key=")[2],
    ],
)
def test_other_addresses_stay_as_they_are(url: str) -> None:
    assert find_extractor_address(url) == ""
