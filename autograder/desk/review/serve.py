"""Serves the app on this machine alone, until Ctrl-C."""

import socket
from collections.abc import Callable
from contextlib import closing

import uvicorn

from autograder.desk.review.app import app_of
from autograder.desk.review.graded import GradedClass
from autograder.desk.review.presence import Presence
from autograder.messages import Language

HOST = "127.0.0.1"


def serve(graded: GradedClass, port: int, who: str, language: Language, tell: Callable[[str], None]) -> None:
    """Serves a graded class at a port, or at any that is free for 0; `who` decides unless a browser says
    otherwise. Tells the address. Raises OSError."""
    presence = Presence(graded.gradebook.folder)
    door = app_of(graded, presence, who, language)
    with closing(presence), socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen()  # so that the address answers as soon as it is said
        at = listener.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(door, log_level="error", lifespan="off", server_header=False))
        tell(f"http://{HOST}:{at}/?token={door.token}")
        server.run(sockets=[listener])
