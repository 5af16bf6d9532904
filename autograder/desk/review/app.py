"""The app: its pages, what they send, and what they hear of others."""

from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from autograder.course.manifest import points_text
from autograder.desk.review.graded import GradedClass
from autograder.desk.review.marks import Decision, StaleError, assign, give, in_short, items_seen, undo_last
from autograder.desk.review.presence import Presence
from autograder.desk.review.queue import KINDS, WHOSE, Item
from autograder.desk.review.rendering import Renderer, own_file
from autograder.desk.review.session import Door, Session
from autograder.gradebook.file import GradebookError
from autograder.messages import Language, say
from autograder.notebook.text import one_line


def app_of(graded: GradedClass, presence: Presence, who: str, language: Language) -> Door:
    """The app for a graded class, behind its door; `who` is who opens it first, `language` what its pages speak."""
    pages = _Pages(graded, presence, language)
    door = Door(GZipMiddleware(Starlette(routes=pages.routes, exception_handlers={HTTPException: _failed})), who)
    pages.door = door
    return door


def _failed(_: Request, error: Exception) -> Response:
    """What went wrong, in a sentence."""
    assert isinstance(error, HTTPException)
    return JSONResponse({"problem": error.detail}, error.status_code)


class _Pages:
    """What the app answers."""

    door: Door

    def __init__(self, graded: GradedClass, presence: Presence, language: Language) -> None:
        self._language = language
        self._graded = graded
        self._presence = presence
        self._renderer = Renderer(language)
        self.routes = [
            Route("/", self._queue),
            Route("/item/{key}", self._item),
            Route("/item/{key}/alike", self._alike),
            Route("/item/{key}/mark", self._mark, methods=["POST"]),
            Route("/item/{key}/again", self._again),
            Route("/item/{key}/again", self._grade_again, methods=["POST"]),
            Route("/item/{key}/assign", self._assign, methods=["POST"]),
            Route("/undo", self._undo, methods=["POST"]),
            Route("/me", self._me, methods=["POST"]),
            Route("/changes", self._changes),
            Route("/picture/{name}.png", self._picture),
            Route("/own/{name}", self._own),
            Route("/favicon.ico", lambda _: Response(status_code=204)),
        ]

    # Pages

    def _queue(self, request: Request) -> Response:
        """The queue, of a question or a kind if the address asks for one."""
        question, kind = (request.query_params.get(name, "") for name in ("question", "kind"))
        queue = self._graded.queue
        chosen = queue.chosen(question, kind)
        questions = list(dict.fromkeys(item.question or WHOSE for item in queue.items))
        session = _session(request)
        session.at = ""
        self._graded.prepare(next((item.key for item in chosen), ""))
        return self._page(
            request, "queue.html", items=chosen, questions=questions, question=question, kind=kind, kinds=KINDS,
            total=len(queue.items), left=sum(item.is_open for item in queue.items),
        )  # fmt: skip

    def _item(self, request: Request) -> Response:
        """One item with all that there is to see about it."""
        item = self._item_of(request)
        session, queue = _session(request), self._graded.queue
        session.at = item.key
        before, after = queue.around(item.key)
        self._graded.prepare(after)
        left = [one.key for one in queue.items if one.is_open]
        exhibit = self._graded.exhibit(item) if item.question else None
        return self._page(
            request, "item.html", item=item, exhibit=exhibit, before=before, after=after,
            place=left.index(item.key) + 1 if item.key in left else 0, left=len(left),
            title=self._graded.gradebook.assignment.titles.get(item.question, ""),
            attempt=self._graded.gradebook.attempt(item.submission_id),
            cases=self._graded.cases_of(item.question) if item.question else (),
        )  # fmt: skip

    def _alike(self, request: Request) -> Response:
        """What "apply to all" would mark: the answers with this diagnosis that no hand has touched, to confirm."""
        item = self._item_of(request)
        return JSONResponse(
            [
                {"key": one.key, "version": one.version, "name": one.name(_session(request).names), "shown": one.shown}
                for one in self._graded.alike(item)
            ]
        )

    def _page(self, request: Request, template: str, **values: Any) -> Response:
        try:
            page = self._renderer.render(
                template,
                assignment=self._graded.gradebook.assignment,
                session=_session(request),
                stamp=self._graded.stamp,
                **values,
            )
        except GradebookError as error:
            raise HTTPException(500, str(error)) from None
        return HTMLResponse(page)

    def _item_of(self, request: Request) -> Item:
        item = self._graded.queue.get(request.path_params["key"])
        if item is None:
            raise HTTPException(404, self._language.word(say("This is not in the queue (any more).")))
        return item

    # Decisions

    async def _mark(self, request: Request) -> Response:
        """Marks an item, and those alike that were confirmed; says which item is next."""
        sent = await _sent(request)
        return await run_in_threadpool(self._decided, partial(self._give, _session(request).who, sent))

    def _give(self, who: str, sent: dict[str, Any]) -> dict[str, Any]:
        seen = sent.get("seen")
        if not isinstance(seen, dict) or not seen:
            raise GradebookError(say("expected the items that were seen, each with its version"))
        items = items_seen(self._graded.queue, seen)
        decision = Decision(items, str(sent.get("points", "")), str(sent.get("comment", "")))
        with self._graded.writing() as gradebook:
            events = give(gradebook, who, decision)
        first = items[0]
        about = {"question": first.question, "points": points_text(decision.points_of(first))}
        said = say("{question}: {points} points", **about)
        if len(events) > 1:
            said = say("{question}: {points} points, for {count} students", **about, count=len(events))
        _, after = self._graded.queue.around(first.key)
        return {"said": self._language.word(said), "next": after}

    async def _grade_again(self, request: Request) -> Response:
        """Begins to grade an item's student again."""
        sent = await _sent(request)
        item = await run_in_threadpool(self._item_of, request)

        def begin() -> dict[str, Any]:
            self._graded.grade_again(item, str(sent.get("limit", "")), str(sent.get("case", "")))
            return {}

        return await run_in_threadpool(self._decided, begin)

    def _again(self, request: Request) -> Response:
        """What came of grading an item's student again."""
        item = self._item_of(request)
        return JSONResponse(self._graded.gradings.told(item.submission_id, item.question, self._language))

    async def _assign(self, request: Request) -> Response:
        """Says whose an attempt is."""
        sent = await _sent(request)
        return await run_in_threadpool(self._decided, partial(self._give_away, request, sent))

    def _give_away(self, request: Request, sent: dict[str, Any]) -> dict[str, Any]:
        key, queue = request.path_params["key"], self._graded.queue
        (item,) = items_seen(queue, {key: str(sent.get("version", ""))})
        _, after = queue.around(key)
        with self._graded.writing() as gradebook:
            assign(gradebook, _session(request).who, item, str(sent.get("student", "")).strip())
        return {"said": self._language.word(say("it is said whose it is")), "next": after}

    def _undo(self, request: Request) -> Response:
        """Undoes the last decision of who asks, and says where to see it."""
        return self._decided(partial(self._undo_last, _session(request).who))

    def _undo_last(self, who: str) -> dict[str, Any]:
        with self._graded.writing() as gradebook:
            event = undo_last(gradebook, who)
        there = [one.key for one in self._graded.queue.items if (one.submission_id, one.question) == event.thing[:2]]
        said = self._language.word(say("undone: {what}", what=in_short(event)))
        return {"said": said, "next": there[0] if there else ""}

    def _decided(self, decide: Callable[[], dict[str, Any]]) -> Response:
        """What came of a decision, or why there is none."""
        try:
            return JSONResponse(decide())
        except StaleError as error:
            return JSONResponse({"problem": self._language.render(str(error))}, 409)
        except GradebookError as error:
            return JSONResponse({"problem": self._language.render(str(error))}, 422)

    async def _me(self, request: Request) -> Response:
        """Says who sits at the browser, and whether they want to see names."""
        sent, session = await _sent(request), _session(request)
        if "who" in sent:
            session.who = one_line(str(sent["who"]), 60) or session.who
        if "names" in sent:
            session.names = bool(sent["names"])
        return JSONResponse({"who": session.who, "names": session.names})

    # What pages ask for

    def _changes(self, request: Request) -> Response:
        """Whether anything changed, the version of the item that is open, and who has which item open."""
        me, item = _session(request), self._graded.queue.get(request.query_params.get("at", ""))
        here = [one for one in list(self.door.sessions.values()) if one.is_there and one.at]
        self._presence.tell((one.who, one.at) for one in here)
        others = [[one.who, one.at] for one in here if one is not me]
        return JSONResponse(
            {
                "stamp": self._graded.stamp,
                "version": item.version if item else "",
                "others": [*others, *self._presence.others()],
                "problem": self._language.render(self._graded.reporter.problem),
            }
        )

    def _picture(self, request: Request) -> Response:
        content = self._renderer.picture(request.path_params["name"])
        return Response(content, media_type="image/png") if content else Response(status_code=404)

    def _own(self, request: Request) -> Response:
        file = own_file(request.path_params["name"])
        return Response(file[1], media_type=file[0]) if file else Response(status_code=404)


async def _sent(request: Request) -> dict[str, Any]:
    """What a page sent. Raises HTTPException for anything else."""
    try:
        sent = await request.json()
    except ValueError:
        sent = None
    if not isinstance(sent, dict):
        raise HTTPException(422, "expected an object of JSON")
    return sent


def _session(request: Request) -> Session:
    session = request.state.session
    assert isinstance(session, Session)
    return session
