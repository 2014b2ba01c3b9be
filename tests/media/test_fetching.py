"""Fetching an address: sized, without keys, by the rules of what may leave this machine."""

import asyncio

import pytest
from aiohttp import web

from minillm import ConfigurationError, MediaError, MockTransport, StreamInterrupted, block_network, media
from minillm.transport import MockResponse

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 8
URL = "https://pictures.test/folder/x.png?signature=s3cret"


def moved(to, status=302):
    return MockResponse(status, {"location": to} if to is not None else {})


async def fetched(*answers, url=URL, **said):
    transport = MockTransport(list(answers))
    return transport, await media.fetch(url, transport=transport, **said)


async def test_what_stands_there_with_its_type_and_name():
    transport, found = await fetched(MockResponse(200, {"Content-Type": "image/png"}, PNG))
    assert found == (PNG, "image/png", "x.png")
    (request,) = transport.requests
    assert (request.method, request.url, request.body) == ("GET", URL, None)
    assert not {"authorization", "cookie"} & {name.lower() for name in request.headers}


@pytest.mark.parametrize(
    ("body", "header", "url", "expected"),
    [
        (PNG, "text/html", "https://a.test/x.jpg", "image/png"),
        (b"\1\2", "audio/pcm", "https://a.test/x", "audio/pcm"),
        (b"a,b", "application/octet-stream", "https://a.test/x.csv", "text/csv"),
        (b"a,b", "", "https://a.test/x.csv", "text/csv"),
        (b"# Hi", "text/markdown; charset=utf-8", "https://a.test/x", "text/markdown; charset=utf-8"),
        (b"<html>", "text/html", "https://a.test/", "text/html"),
        (b"\1\2", "", "https://a.test/", None),
    ],
)
async def test_the_bytes_tell_first_then_the_server_then_the_name(body, header, url, expected):
    _, found = await fetched(MockResponse(200, {"content-type": header}, body), url=url)
    assert found.media_type == expected


async def test_a_page_in_place_of_a_picture_is_no_picture():
    """Servers answer 200 with their login page."""
    with pytest.raises(MediaError, match="answered with a web page instead of image/png: is a login needed"):
        await fetched(MockResponse(200, {"content-type": "text/html"}, b"<html>"))


async def test_redirects_are_followed():
    transport, found = await fetched(
        moved("/other/y.png", 301), moved("https://cdn.test/z.png"), MockResponse(body=PNG)
    )
    assert [request.url for request in transport.requests] == [
        URL,
        "https://pictures.test/other/y.png",
        "https://cdn.test/z.png",
    ]
    assert found.name == "z.png"
    assert all(exchange.closed for exchange in transport.exchanges)


@pytest.mark.parametrize(
    ("to", "words"),
    [
        (None, "does not say where to"),
        ("http://pictures.test/x.png", "from https to http, which is not followed"),
        ("https://127.0.0.1/admin", "redirects to an inner address, 127.0.0.1:443, which is not followed"),
        ("https://169.254.169.254/latest", "redirects to an inner address"),
        ("https://[::1]/", "redirects to an inner address"),
        ("ftp://pictures.test/x", "no http"),
        ("file:///etc/passwd", "no http"),
    ],
)
async def test_redirects_that_lead_astray_are_not_followed(to, words):
    transport = MockTransport([moved(to)])
    with pytest.raises(MediaError, match=words):
        await media.fetch(URL, transport=transport)
    assert len(transport.requests) == 1


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/x", "http://localhost/x", "http://10.0.0.1/", "http://[::ffff:10.0.0.1]/"]
)
async def test_for_strangers_no_inner_address_is_asked(url):
    """And none without the word is refused: a server of one's own may stand there."""
    transport = MockTransport(MockResponse(body=PNG))
    with pytest.raises(MediaError, match="an inner address, which public_only= does not allow"):
        await media.load(url, fetch=True, transport=transport, public_only=True)
    assert transport.requests == []
    await media.load(url, fetch=True, transport=transport)
    assert len(transport.requests) == 1


@pytest.mark.parametrize(
    ("addresses", "public"),
    [(["93.184.215.14"], True), (["93.184.215.14", "192.168.0.1"], False), (["fe80::1%eth0"], False), (None, False)],
)
async def test_for_strangers_a_name_counts_as_what_it_stands_for(addresses, public, monkeypatch):
    async def resolve(host, port, **_):
        if addresses is None:
            raise OSError("unknown")
        return [(0, 0, 0, "", (address, port)) for address in addresses]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
    transport = MockTransport(MockResponse(body=PNG))
    if public:
        await media.fetch(URL, transport=transport, public_only=True)
        return
    with pytest.raises(MediaError, match=r"^pictures\.test:443: (an inner address|no such host)"):
        await media.fetch(URL, transport=transport, public_only=True)
    assert transport.requests == []


async def test_for_strangers_every_redirect_is_judged_too(monkeypatch):
    """A public name may redirect to another name that stands for an inner address."""

    async def resolve(host, port, **_):
        return [(0, 0, 0, "", ("10.0.0.7" if host == "inner.test" else "93.184.215.14", port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
    transport = MockTransport([moved("https://inner.test/x.png")])
    with pytest.raises(MediaError, match=r"inner\.test:443: an inner address"):
        await media.fetch(URL, transport=transport, public_only=True)
    assert len(transport.requests) == 1


async def test_a_circle_of_redirects_ends():
    with pytest.raises(MediaError, match="more than 5 redirects"):
        await media.fetch(URL, transport=MockTransport(moved(URL)))


@pytest.mark.parametrize("status", [401, 404, 500, 204])
async def test_an_answer_without_the_thing_is_told(status):
    with pytest.raises(MediaError, match=rf"^pictures\.test:443: answered {status}, .*check the address"):
        await fetched(MockResponse(status))


async def test_nothing_is_nothing():
    with pytest.raises(MediaError, match="answered with nothing"):
        await fetched(MockResponse())


@pytest.mark.parametrize(
    "answer",
    [
        MockResponse(200, {"content-length": "5000"}, PNG),
        MockResponse(200, {}, [b"x" * 600, b"x" * 600]),
        MockResponse(200, {"content-length": "10"}, b"x" * 1200),
    ],
)
async def test_what_is_too_large_is_refused_whatever_the_server_says(answer):
    transport = MockTransport([answer])
    with pytest.raises(MediaError, match=r"larger than 1 kB; give the host the address itself, or raise max_bytes"):
        await media.fetch(URL, transport=transport, max_bytes=1024)
    assert transport.exchanges[0].closed


async def test_as_large_as_allowed():
    _, found = await fetched(MockResponse(body=b"x" * 1024), max_bytes=1024)
    assert len(found.data) == 1024


async def test_a_cut_answer_is_no_picture():
    with pytest.raises(StreamInterrupted):
        await fetched(MockResponse(body=PNG, cut_after=4))


@pytest.mark.parametrize("url", ["ftp://a.test/x", "gs://bucket/x.png", "x.png", "https://", "data:image/png,x"])
async def test_only_web_addresses_are_fetched(url):
    with pytest.raises(MediaError, match=r"addresses can be fetched|no web address"):
        await media.fetch(url, transport=MockTransport([]))


async def test_no_error_shows_a_signed_address():
    for answer in (MockResponse(404), moved("http://a.test"), MockResponse(body=b"x" * 9)):
        with pytest.raises(MediaError) as caught:
            await media.fetch(URL, transport=MockTransport([answer]), max_bytes=8)
        assert "s3cret" not in str(caught.value)


async def test_a_blocked_network_blocks_this_too():
    transport = MockTransport([])
    with block_network(), pytest.raises(ConfigurationError, match="block_network"):
        await media.fetch(URL, transport=transport)
    assert transport.requests == []


async def test_over_a_real_socket():
    """By the program's own transport: a redirect, a picture, one that is too large and never ends."""

    async def endless(http):
        answer = web.StreamResponse()
        await answer.prepare(http)
        while True:
            await answer.write(b"x" * 65536)

    async def picture(http):
        return web.Response(body=PNG, content_type="application/octet-stream")

    async def elsewhere(http):
        raise web.HTTPFound("/x.png")

    app = web.Application()
    app.router.add_get("/x.png", picture)
    app.router.add_get("/moved", elsewhere)
    app.router.add_get("/endless", endless)
    runner = web.AppRunner(app, shutdown_timeout=0.01)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        part = await media.load(f"{base}/moved", fetch=True)
        assert part == media.from_bytes(PNG, name="x.png")
        with pytest.raises(MediaError, match="larger than 1 MB"):
            await media.fetch(f"{base}/endless", max_bytes=1 << 20)
    finally:
        await runner.cleanup()
