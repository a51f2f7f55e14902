"""Pages that come instead of what was asked for: challenges of bot walls, refusals, and forms to sign in.

They come with status 200: taken for content, they would make every item vanish and a new one appear.
"""

from __future__ import annotations

import re

_HEAD_BYTES = 256 * 1024
"""No wall is longer."""
_MARKS = (
    (re.compile(rb"bm-verify|_sec/cp_challenge|sec-if-cpt-container"), "Akamai's bot wall"),
    (re.compile(rb"errors\.edgesuite\.net", re.IGNORECASE), "Akamai's refusal"),
    (re.compile(rb"_cf_chl_opt|cf-browser-verification|cf-error-details"), "Cloudflare's challenge"),
    (re.compile(rb"perfdrive\.com|Radware (?:Captcha|Bot Manager)", re.IGNORECASE), "Radware's bot wall"),
    (re.compile(rb"captcha-delivery\.com"), "DataDome's bot wall"),
    (re.compile(rb'id="px-captcha"|_pxAppId\b.*px-captcha', re.DOTALL), "PerimeterX's bot wall"),
)
_INCAPSULA = re.compile(rb"_Incapsula_Resource")
_MAX_INCAPSULA_BYTES = 4 * 1024
"""Sites behind Incapsula carry its script on every page; its walls carry nothing else."""
_TITLE = re.compile(rb"<title[^>]*>\s*(.*?)\s*</title", re.IGNORECASE | re.DOTALL)
_TITLES = re.compile(
    rb"just a moment|attention required|access (?:to this page has been )?denied|pardon our interruption|robot check"
    rb"|security check|are you (?:a )?(?:human|robot)|human verification|verify(?:ing)? you are human"
    rb"|before you continue|bot verification|request (?:blocked|rejected)",
    re.IGNORECASE,
)
_SIGN_IN = re.compile(rb"\b(?:sign|log)[ -]?(?:in|on)\b|\bauthentication required\b", re.IGNORECASE)
_HEADING = re.compile(rb"<h1[^>]*>\s*(.*?)\s*</h1", re.IGNORECASE | re.DOTALL)
_PASSWORD = re.compile(rb"""<input\b[^>]*\btype\s*=\s*["']?password""", re.IGNORECASE)


def wall(page: bytes) -> str:
    """Return what is in the way, in words; empty when the page may be what was asked for."""
    start = page[:_HEAD_BYTES]
    for mark, name in _MARKS:
        if mark.search(start):
            return name
    if len(page) <= _MAX_INCAPSULA_BYTES and _INCAPSULA.search(page):
        return "Incapsula's bot wall"
    title = _inside(_TITLE, start)
    if _TITLES.match(title):
        return "a page that refuses or asks for proof"
    if asks_to_sign_in(start) and (_SIGN_IN.search(title) or _SIGN_IN.search(_inside(_HEADING, start))):
        return "a form to sign in"
    return ""


def asks_to_sign_in(page: bytes) -> bool:
    """Return whether the page has a field for a password, as pages with content may have in a corner."""
    return _PASSWORD.search(page) is not None


def _inside(element: re.Pattern[bytes], page: bytes) -> bytes:
    found = element.search(page)
    return found[1][:200] if found else b""
