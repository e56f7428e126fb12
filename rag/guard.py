"""Who may come in and what they may send: a layer around the page that speaks ASGI and imports no web framework.

Refuses other names for this machine, posts from other sites, paths that the page does not use and bodies that are
too large; asks for a password where passwords are set; sends headers that tell the browser to trust nothing else.
Leaves out encryption: on a network, put a proxy with a certificate in front.
"""

import asyncio
import base64
import binascii
import getpass
import hashlib
import hmac
import os
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from index.errors import CounterpointError

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

PATHS = frozenset(
    "/ /config /theme.css /manifest.json /favicon.ico /robots.txt /document /verdicts.jsonl".split()
    + [f"/gradio_api/{name}" for name in "info run/predict theme.css startup-events cancel reset app_id mcp".split()]
)
"""What the page uses; nothing else of the web framework is reached."""
FOLDERS = (
    "/assets/",
    "/static/",
    *(f"/gradio_api/{name}/" for name in "info queue call heartbeat startup-events mcp".split()),
)
UPLOAD = ("/gradio_api/upload", "/gradio_api/upload_progress")
BODY_BYTES = 1_000_000
POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; object-src 'none'; base-uri 'self';"
    " form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "cache-control": "no-store",
}
"""Sent with every answer that does not set them itself."""
NAMED = "/assets/"
KEPT = {**HEADERS, "cache-control": "private, max-age=31536000, immutable"}
"""The same for files whose names change with what is in them: a browser keeps those."""

COST = {"n": 2**14, "r": 8, "p": 1}
"""What one guess at a password costs: 16 MiB and some 50 ms."""
REMEMBERED = 1_000


class BadPasswordFile(CounterpointError, ValueError):
    """The file of passwords cannot be used."""


class Guard:
    """Lets through to ``app`` what may pass.

    ``hosts`` are the names that this server is asked for by, empty for any; ``upload_bytes`` 0 refuses uploads.
    """

    def __init__(
        self, app: App, *, hosts: Iterable[str] = (), passwords: "Passwords | None" = None, upload_bytes: int = 0
    ) -> None:
        self._app = app
        self._hosts = frozenset(hosts)
        self._passwords = passwords
        self._upload_bytes = upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            refusal = self._refusal(scope, headers) or await self._unknown(headers)
            if refusal:
                await _refuse(*refusal, send)
            else:
                # cancelled when the server stops while a page still listens: nothing is left to send
                with suppress(asyncio.CancelledError):
                    path = scope["path"]
                    await self._app(scope, _limited(receive, self._most(path)), _with_headers(send, path))

    def _refusal(self, scope: Scope, headers: Mapping[str, str]) -> tuple[int, str] | None:
        """The status and the reason, where a request may not pass."""
        host, path = headers.get("host", ""), scope["path"]
        if self._hosts and _name(host) not in self._hosts:
            return 400, "This machine is not called that here."
        origin = headers.get("origin")
        if scope["method"] not in ("GET", "HEAD") and origin and urlsplit(origin).netloc != host:
            return 403, "Another site may not send anything here."
        uploads = self._upload_bytes and path in UPLOAD
        if not (path in PATHS or path.startswith(FOLDERS) or uploads):
            return 404, "There is nothing here."
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self._most(path):
            return 413, f"Too large: {self._most(path):,} bytes is the most."
        return None

    async def _unknown(self, headers: Mapping[str, str]) -> tuple[int, str] | None:
        """401 where passwords are set and the request has none that fits."""
        if self._passwords is None:
            return None
        fits = await self._passwords.fit(headers.get("authorization", ""))
        return None if fits else (401, "A name and its password are needed.")

    def _most(self, path: str) -> int:
        return self._upload_bytes if path in UPLOAD else BODY_BYTES


def _name(host: str) -> str:
    """The name in a Host header, without its port: "[::1]:7860" is "::1"."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


async def _refuse(status: int, reason: str, send: Send) -> None:
    headers = {"content-type": "text/plain; charset=utf-8"}
    if status == 401:
        headers["www-authenticate"] = 'Basic realm="Counterpoint", charset="UTF-8"'
    listed = [(name.encode(), value.encode()) for name, value in headers.items()]
    send = _with_headers(send)
    await send({"type": "http.response.start", "status": status, "headers": listed})
    await send({"type": "http.response.body", "body": reason.encode()})


def _with_headers(send: Send, path: str = "") -> Send:
    """The same, with ``HEADERS`` or ``KEPT`` added to those that an answer sets itself."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = KEPT if message["status"] == 200 and path.startswith(NAMED) else HEADERS
            own = {name.lower() for name, _ in message["headers"]}
            added = [(name.encode(), value.encode()) for name, value in headers.items() if name.encode() not in own]
            message = {**message, "headers": [*message["headers"], *added]}
        await send(message)

    return sending


def _limited(receive: Receive, most: int) -> Receive:
    """The same, but a body that turns out longer than ``most`` bytes ends as if its sender had gone."""
    got = 0

    async def receiving() -> Message:
        nonlocal got
        message = await receive()
        got += len(message.get("body", b""))
        return message if got <= most else {"type": "http.disconnect"}

    return receiving


# -- passwords -------------------------------------------------------------------------------------


class Passwords:
    """Names with the scrypt hashes of their passwords, as ``name:salt:hash`` lines of a file."""

    def __init__(self, lines: Iterable[str]) -> None:
        rows = [line.strip().split(":") for line in lines if line.strip() and not line.startswith("#")]
        try:
            self._known = {name: (bytes.fromhex(salt), bytes.fromhex(hashed)) for name, salt, hashed in rows}
        except ValueError as error:
            raise BadPasswordFile("A line of the password file is not name:salt:hash; add one with --add.") from error
        if not self._known:
            raise BadPasswordFile("The password file holds no name; add one with --add NAME.")
        self._mark = secrets.token_bytes(32)
        self._passed: set[bytes] = set()
        self._one_at_a_time = asyncio.Lock()

    @classmethod
    def open(cls, path: Path) -> "Passwords":
        """Those of a file. Raises BadPasswordFile."""
        if not path.is_file():
            raise BadPasswordFile(f"There is no file {path}; make it: python app.py --auth {path} --add NAME")
        return cls(path.read_text(encoding="utf-8").splitlines())

    async def fit(self, header: str) -> bool:
        """Whether an Authorization header names somebody and gives that one's password."""
        if not header:
            return False
        mark = hmac.digest(self._mark, header.encode("utf-8", "surrogatepass"), "sha256")
        if mark in self._passed:
            return True
        async with self._one_at_a_time:  # guesses wait for each other, so that they cannot use up the machine
            fits = await asyncio.to_thread(self._check, *_basic(header))
        if fits and len(self._passed) < REMEMBERED:
            self._passed.add(mark)
        return fits

    def _check(self, name: str, password: str) -> bool:
        salt, hashed = self._known.get(name, (b"", b""))
        return hmac.compare_digest(_hashed(password, salt or self._mark), hashed or self._mark)


def _basic(header: str) -> tuple[str, str]:
    """Name and password of a Basic header, both empty where it is none."""
    kind, _, value = header.partition(" ")
    try:
        name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return (name, password) if kind.lower() == "basic" else ("", "")


def _hashed(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, dklen=32, **COST)


def password_line(name: str, password: str) -> str:
    """A line of the password file. Raises BadPasswordFile for a name or password that cannot be used."""
    if not name or ":" in name or not name.isprintable() or name.startswith("#"):
        raise BadPasswordFile("A name is not empty, has no colon and does not begin with #.")
    if len(password) < 8:
        raise BadPasswordFile("A password has at least 8 characters.")
    salt = secrets.token_bytes(16)
    return f"{name}:{salt.hex()}:{_hashed(password, salt).hex()}\n"


def add_password(path: Path, name: str) -> None:
    """Ask for a password and put its hash into the file, which only its owner may read."""
    password = getpass.getpass(f"Password for {name}: ")
    if password != getpass.getpass("Again: "):
        raise BadPasswordFile("The two passwords are not the same.")
    row = password_line(name, password)
    old = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.is_file() else []
    kept = [line for line in old if line.partition(":")[0] != name]
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.writelines([*kept, row])


def generated() -> tuple[str, Passwords]:
    """A new password, for the name "reader", and what checks it."""
    password = secrets.token_urlsafe(12)
    return password, Passwords([password_line("reader", password)])
