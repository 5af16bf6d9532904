"""Who gets into a review: nobody without the token, no other host's page, no other name of this machine."""

import getpass
import http.client
import json
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from review_class import HW4, STUDENTS, make_class
from test_review_in_browser import App

from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.history import History
from autograder.pages.pseudonyms import pseudonyms_of


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """A review of a few students."""
    started = App(make_class(tmp_path_factory.mktemp("door"), STUDENTS[8:12]))
    yield started
    started.end()


def ask(app: App, path: str, method: str = "GET", body: str = "", **headers: str) -> tuple[int, dict[str, str], str]:
    """The status, the headers and the text that one request gets."""
    return ask_at(urlsplit(app.address).port or 0, path, method, body, **headers)


def ask_at(
    port: int, path: str, method: str = "GET", body: str = "", **headers: str
) -> tuple[int, dict[str, str], str]:
    """`ask`, at a port of this machine."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body or None, sent)
    answer = connection.getresponse()
    told = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
    connection.close()
    return told


def cookie_of(app: App, host: str = "") -> str:
    """The cookie that the token gives."""
    _, headers, _ = ask(app, f"/?token={app.token}", **({"host": host} if host else {}))
    return headers["set-cookie"].partition(";")[0]


def test_without_the_token_there_is_nothing(app: App) -> None:
    for path in ("/", "/?token=", "/?token=wrong", "/changes", "/item/x-1c", "/own/review.js", "/picture/x.png"):
        status, headers, text = ask(app, path)
        assert status == 403 and text.startswith("This page needs the address") and "set-cookie" not in headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
    assert ask(app, "/", cookie="autograder_review_1=guessed")[0] == 403


def test_the_token_gives_a_cookie_and_leaves_the_address(app: App) -> None:
    status, headers, _ = ask(app, f"/?token={app.token}")
    assert status == 303 and headers["location"] == "/"
    port = urlsplit(app.address).port
    assert headers["set-cookie"].startswith(f"autograder_review_{port}=")
    assert "HttpOnly" in headers["set-cookie"] and "SameSite=strict" in headers["set-cookie"]
    status, headers, text = ask(app, "/", cookie=cookie_of(app))
    assert status == 200 and app.token not in text and headers["referrer-policy"] == "no-referrer"


def test_it_answers_to_this_machines_names_alone(app: App) -> None:
    for host in (
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example:80",
        "localhost:8001@evil",
        "10.0.0.1",
        "",
    ):
        assert ask(app, f"/?token={app.token}", host=host)[0] == 403, host


def test_a_second_assistant_comes_through_a_tunnel(app: App) -> None:
    cookie = cookie_of(app, "localhost:8001")
    assert cookie.startswith("autograder_review_8001=")
    status, headers, _ = ask(app, "/", host="localhost:8001", cookie=cookie)
    assert status == 200 and "http://localhost:8001/own/review.js" in headers["content-security-policy"]
    own = {"origin": "http://localhost:8001", "content_type": "application/json"}
    assert ask(app, "/me", "POST", json.dumps({"who": "lee"}), host="localhost:8001", cookie=cookie, **own)[0] == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"content_type": "application/json"},
        {"origin": "http://evil.example", "content_type": "application/json"},
        {"origin": "http://localhost:8888", "content_type": "application/json"},
        {"origin": "null", "content_type": "application/json"},
        {"origin": "own", "content_type": "text/plain"},
        {"origin": "own", "content_type": "application/x-www-form-urlencoded"},
    ],
)
def test_no_other_page_decides_anything(app: App, headers: dict[str, str]) -> None:
    sent = headers | ({"origin": app.origin} if headers.get("origin") == "own" else {})
    for path in ("/undo", "/me", "/item/x-1c/mark"):
        status, _, text = ask(app, path, "POST", "{}", cookie=cookie_of(app), **sent)
        assert status == 403 and text.startswith("This did not come from a page of the review")
    with Gradebook(app.grades, HW4, alone=False) as gradebook:
        assert History(gradebook).events() == []


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", "{}", '{"seen": 3}', '{"seen": {}, "points": 1, "comment": "", "key": ""}']
)
def test_a_body_of_another_form_is_told(app: App, body: str) -> None:
    own = {"origin": app.origin, "content_type": "application/json", "cookie": cookie_of(app)}
    status, _, text = ask(app, "/item/x-1c/mark", "POST", body, content_length=str(len(body)), **own)
    assert status in (409, 422) and json.loads(text)["problem"]


def test_what_is_not_there_is_told(app: App) -> None:
    cookie = cookie_of(app)
    for path in ("/item/nobody-1c", "/item/nobody-1c/alike"):
        status, _, text = ask(app, path, cookie=cookie)
        assert status == 404 and "not in the queue" in text
    for path in ("/picture/x.png", "/own/base.html", "/own/..%2Fapp.py"):
        assert ask(app, path, cookie=cookie)[0] == 404


def test_who_and_what_a_student_names_is_told_without_names_until_they_are_asked_for(app: App) -> None:
    cookie = cookie_of(app)
    own = {"origin": app.origin, "content_type": "application/json", "cookie": cookie}
    with Gradebook(app.grades, HW4, alone=False) as gradebook:
        writer, named = map(pseudonyms_of(gradebook), STUDENTS[9:11])
    page = ask(app, f"/item/{writer}-1c", cookie=cookie)[2]
    found = page[page.index("Collaborators and sources") :]
    assert f'<span class="name">{named}</span>' in found and STUDENTS[10] not in page
    assert "<li>협업: Name of 2</li>" in found and "<li>See https://example.org/batches</li>" in found
    assert "<summary>report.md</summary>" in found
    assert ask(app, "/me", "POST", '{"names": true}', **own)[0] == 200
    assert f'<span class="name">{STUDENTS[10]}</span>' in ask(app, f"/item/{writer}-1c", cookie=cookie)[2]
    other = ask(app, f"/item/{named}-1c", cookie=cookie)[2]  # who says nothing of the kind
    assert "Collaborators and sources" not in other and "I did all of it alone." in other


@pytest.fixture
def korean(app: App) -> Iterator[App]:
    """A review of the same class in Korean."""
    started = App(app.grades, "--lang", "ko")
    yield started
    started.end()


def test_its_pages_speak_korean_where_that_is_asked_for(korean: App) -> None:
    cookie = cookie_of(korean)
    queue = ask(korean, "/", cookie=cookie)[2]
    key = re.findall(r"/item/([\w-]+-1c)", queue)[0]
    item = ask(korean, f"/item/{key}", cookie=cookie)[2]
    assert "케이스 rnn_forward: " in item and "금지: torch.nn.RNN" in item  # a check's own text stays English
    for page in (queue, item):
        shown = re.sub(r"<(pre|details)\b.*?</\1>|<[^>]*>", " ", page[page.index("<body") :], flags=re.DOTALL)
        words = set(re.findall(r"[a-z]{3,}", shown))
        assert '<html lang="ko">' in page and "단축키" in page
        assert not words & {"the", "this", "and", "points", "mark", "queue", "names", "cell", "student", "open"}, words
    own = {"origin": korean.origin, "content_type": "application/json", "cookie": cookie}
    sent = json.dumps({"seen": {key: "0.stale"}, "points": "1", "comment": ""})
    assert "다른 사람이 먼저 했습니다" in ask(korean, f"/item/{key}/mark", "POST", sent, **own)[2]


def test_two_apps_tell_each_other_who_has_what_open(app: App) -> None:
    other = App(app.grades)
    for name in (".review-1.json", ".review-2.json"):  # of apps that fail: neither is heard
        (app.grades / name).write_text("[3]")
    os.utime(app.grades / ".review-2.json", (0, 0))
    mine, theirs = cookie_of(app), cookie_of(other)
    key = re.findall(r"/item/([\w-]+-1c)", ask(app, "/", cookie=mine)[2])[0]
    assert ask(other, f"/item/{key}", cookie=theirs)[0] == 200  # which both call the same
    assert json.loads(ask(other, f"/changes?at={key}", cookie=theirs)[2])["others"] == []
    assert json.loads(ask(app, "/changes?at=", cookie=mine)[2])["others"] == [[getpass.getuser(), key]]
    assert not (app.grades / ".review-2.json").exists()  # as old as that, it is of one that was killed
    other.end(signal.SIGINT)
    assert json.loads(ask(app, "/changes?at=", cookie=mine)[2])["others"] == []


def test_a_student_is_graded_again_and_no_mark_changes(app: App) -> None:
    cookie = cookie_of(app)
    key = re.findall(r"/item/([\w-]+-1c)", ask(app, "/", cookie=cookie)[2])[0]

    def begin(limit: str) -> tuple[int, str]:
        own = {"origin": app.origin, "content_type": "application/json", "cookie": cookie}
        status, _, text = ask(app, f"/item/{key}/again", "POST", json.dumps({"limit": limit}), **own)
        return status, text

    for limit in ("0", "-3", "many", "nan", "1e9"):
        status, text = begin(limit)
        assert status == 422 and "expected seconds for a question, from 0.1 to 3600" in text
    assert ask(app, f"/item/{key}/again", cookie=cookie)[2] == "{}"
    assert begin("20") == (200, "{}")
    told: dict[str, object] = {"seconds": 0}
    while "seconds" in told:
        time.sleep(0.5)
        told = json.loads(ask(app, f"/item/{key}/again", cookie=cookie)[2])
    assert re.match(r"[?0] points: .", str(told["state"])) and told["message"], told
    with Gradebook(app.grades, HW4, alone=False) as gradebook:
        assert gradebook.marked_by_hand() == set() and History(gradebook).events() == []


def test_reports_that_cannot_be_written_are_told_and_the_mark_stays(app: App) -> None:
    cookie, table = cookie_of(app), app.grades / "grades.csv"
    own = {"origin": app.origin, "content_type": "application/json", "cookie": cookie}
    table.unlink(missing_ok=True)
    table.mkdir()
    key = re.findall(r"/item/([\w-]+-1c)", ask(app, "/", cookie=cookie)[2])[0]
    version = re.findall('data-version="([^"]+)"', ask(app, f"/item/{key}", cookie=cookie)[2])[0]
    sent = json.dumps({"seen": {key: version}, "points": "4", "comment": "seen"})
    assert ask(app, f"/item/{key}/mark", "POST", sent, **own)[0] == 200

    def told() -> str:
        return str(json.loads(ask(app, "/changes?at=", cookie=cookie)[2])["problem"])

    wait_until(lambda: "The marks are kept, but the reports cannot be written" in told())
    table.rmdir()
    assert ask(app, "/undo", "POST", "{}", **own)[0] == 200
    wait_until(lambda: table.is_file() and not told())


def wait_until(holds: Callable[[], bool]) -> None:
    """Waits for what a busy machine takes its time for."""
    while not holds():
        time.sleep(0.2)
