"""Who may come in and what they may send, asked of the layer itself over an app that answers everything."""

import asyncio
import base64
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from rag import guard
from rag.guard import BadPasswordFile, Guard, Passwords, password_line


async def answering(scope: Any, receive: Any, send: Any) -> None:
    """Answers every request with its body, or ends where its sender is gone."""
    message = await receive()
    if message["type"] == "http.disconnect":
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-frame-options", b"SAMEORIGIN")]})
    await send({"type": "http.response.body", "body": message.get("body", b"")})


def run(asked: Any) -> Any:
    """What a coroutine returns; in a thread of its own, since a browser's loop may be running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, asked).result()


def ask(
    door: Guard, path: str = "/", *, method: str = "GET", body: bytes = b"", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer; status 0 where there is none."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        sent.append(message)

    named = {"host": "127.0.0.1:7860", **{name.replace("_", "-"): value for name, value in headers.items()}}
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in named.items()],
    }
    run(door(scope, receive, send))
    if not sent:
        return 0, {}, b""
    got = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], got, sent[1]["body"]


LOCAL = {"127.0.0.1", "localhost", "::1"}


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:7860", 200),
        ("localhost", 200),
        ("[::1]:7860", 200),
        ("rebound.example", 400),
        ("127.0.0.1.rebound.example", 400),
        ("", 400),
        ("[", 400),
    ],
)
def test_only_this_machines_own_names_are_answered(host: str, status: int) -> None:
    assert ask(Guard(answering, hosts=LOCAL), host=host)[0] == status


@pytest.mark.parametrize(
    ("origin", "status"),
    [("http://127.0.0.1:7860", 200), ("http://127.0.0.1:1234", 403), ("https://evil.example", 403), ("null", 403)],
)
def test_another_site_may_not_post(origin: str, status: int) -> None:
    assert ask(Guard(answering), "/gradio_api/queue/join", method="POST", origin=origin)[0] == status


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/assets/index.js", 200),
        ("/gradio_api/call/ask", 200),
        ("/gradio_api/mcp/", 200),
        ("/document", 200),
        ("/gradio_api/upload", 404),
        ("/gradio_api/file=/etc/passwd", 404),
        ("/gradio_api/file/etc/passwd", 404),
        ("/gradio_api/proxy=http://evil.example", 404),
        ("/gradio_api/run/predict", 200),
        ("/gradio_api/run/ask", 404),
        ("/gradio_api/runs", 404),
        ("/gradio_api/run-history/connect", 404),
        ("/gradio_api/component_server", 404),
        ("/monitoring", 404),
        ("/docs", 404),
        ("/openapi.json", 404),
    ],
)
def test_only_what_the_page_uses_is_reached(path: str, status: int) -> None:
    assert ask(Guard(answering), path)[0] == status


def test_uploads_are_off_until_allowed_and_bodies_are_bounded() -> None:
    assert ask(Guard(answering, upload_bytes=10), "/gradio_api/upload", method="POST", body=b"x" * 10)[0] == 200
    assert ask(Guard(answering, upload_bytes=10), "/gradio_api/upload", method="POST", body=b"x" * 11)[0] == 0
    assert ask(Guard(answering), "/config", method="POST", content_length=str(guard.BODY_BYTES + 1))[0] == 413
    assert ask(Guard(answering), "/config", method="POST", content_length="-1")[0] == 413
    assert ask(Guard(answering), "/config", method="POST", body=b"x" * (guard.BODY_BYTES + 1))[0] == 0


def test_headers_tell_the_browser_to_trust_nothing_else() -> None:
    _, headers, _ = ask(Guard(answering))
    assert headers["content-security-policy"] == guard.POLICY
    assert "frame-ancestors 'none'" in guard.POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert ask(Guard(answering), "/assets/index-a1b2.js")[1]["cache-control"].endswith("immutable")
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "SAMEORIGIN", "what an answer says itself stands"
    assert ask(Guard(answering, hosts={"a"}))[1]["x-frame-options"] == "DENY", "refusals carry them too"


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def test_a_password_is_asked_for_and_checked() -> None:
    door = Guard(answering, passwords=Passwords([password_line("ada", "correct horse"), "# a comment\n", "\n"]))
    status, headers, _ = ask(door)
    assert (status, headers["www-authenticate"]) == (401, 'Basic realm="Counterpoint", charset="UTF-8"')
    assert ask(door, authorization=basic("ada", "correct horse"))[0] == 200
    assert ask(door, authorization=basic("ada", "correct horse"))[0] == 200
    for wrong in (
        basic("ada", "wrong"),
        basic("ada", ""),
        basic("", ""),
        basic("bob", "correct horse"),
        "Basic !",
        "Bearer x",
        basic("ada", "correct horse").replace("Basic", "Digest"),
    ):
        assert ask(door, authorization=wrong)[0] == 401


def test_passwords_are_kept_as_hashes() -> None:
    first, second = password_line("ada", "correct horse"), password_line("ada", "correct horse")
    assert first != second, "salted"
    assert "correct" not in first
    for name, password in (("", "correct horse"), ("a:b", "correct horse"), ("#a", "correct horse"), ("ada", "short")):
        with pytest.raises(BadPasswordFile):
            password_line(name, password)


def test_a_password_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "passwords"
    with pytest.raises(BadPasswordFile, match="--add NAME"):
        Passwords.open(file)
    typed = iter(["first one", "first one", "another one", "another one", "one thing", "and another"])
    monkeypatch.setattr(guard.getpass, "getpass", lambda _: next(typed))
    guard.add_password(file, "ada")
    guard.add_password(file, "ada")
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(file.read_text().splitlines()) == 1
    passwords = Passwords.open(file)
    assert not run(passwords.fit(basic("ada", "first one")))
    assert run(Passwords.open(file).fit(basic("ada", "another one")))
    with pytest.raises(BadPasswordFile, match="not the same"):
        guard.add_password(file, "ada")
    file.write_text("ada:secret\n")
    with pytest.raises(BadPasswordFile, match="name:salt:hash"):
        Passwords.open(file)
    file.write_text("")
    with pytest.raises(BadPasswordFile, match="holds no name"):
        Passwords.open(file)


def test_a_generated_password_fits() -> None:
    password, passwords = guard.generated()
    assert len(password) >= 16
    assert run(passwords.fit(basic("reader", password)))
