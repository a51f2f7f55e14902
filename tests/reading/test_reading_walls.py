from __future__ import annotations

import pytest

from watcher.reading.walls import wall

FORM = '<form action="/x"><input name="user"><input type="password" name="p"></form>'

WALLS = {
    "akamai": '<html><head><meta http-equiv="refresh" content="5; URL=\'/news?bm-verify=AAQAAA\'" /></head></html>',
    "akamai refusal": "<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD><BODY>Reference #18.e https://errors.edgesuite.net/18",
    "cloudflare": "<html><head><title>Just a moment...</title></head><script>window._cf_chl_opt={}</script></html>",
    "cloudflare refusal": "<title>Attention Required! | Cloudflare</title><div class='cf-error-details'>",
    "radware": "<html><head><title>Radware Captcha Page</title></head></html>",
    "perfdrive": '<script src="https://captcha.perfdrive.com/x.js"></script>',
    "datadome": '<script src="https://ct.captcha-delivery.com/c.js"></script>',
    "perimeterx": '<div id="px-captcha"></div>',
    "incapsula": '<html><iframe src="/_Incapsula_Resource?CWUDNSAI=9"></iframe></html>',
    "title": "<html><head>\n<title>\n Pardon Our Interruption </title>",
    "consent": "<title>Before you continue to Google Search</title>",
    "login title": f"<title>Log in | City of Example</title>{FORM}",
    "login heading": f"<title>City of Example</title><h1>Sign in to continue</h1>{FORM}",
}

PAGES = {
    "news": "<title>News</title><h1>Council meets</h1>",
    "about login": "<title>How to log in to the portal</title><p>Use your password.</p>",
    "form in the corner": f"<title>Newsroom</title><h1>Newsroom</h1><a>Sign in</a>{FORM}<ul><li>one</ul>",
    "about walls": "<title>Council told: just a moment of silence</title>",
    "cloudflare script": '<title>News</title><script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script>',
    "incapsula script": "<title>News</title><script src='/_Incapsula_Resource?x'></script>" + "<p>news</p>" * 1000,
    "no page": "",
}


@pytest.mark.parametrize("kind", WALLS)
def test_a_wall_is_known_for_one(kind: str) -> None:
    assert wall(WALLS[kind].encode())


@pytest.mark.parametrize("kind", PAGES)
def test_a_page_with_content_is_none(kind: str) -> None:
    assert wall(PAGES[kind].encode()) == ""
