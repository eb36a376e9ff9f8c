"""The errors of the emulated service, in the body shapes that Adobe documents, as values that the server turns into answers."""

from __future__ import annotations

from typing import Any


class Problem(Exception):
    """An error answer."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(status, body)
        self.status, self.body = status, body


def gateway(status: int, code: str, message: str) -> Problem:
    """Return an error of the gateway in front of all services."""
    return Problem(status, {"error_code": code, "message": message})


def flow_service(code: int, status: int, message: str) -> Problem:
    """Return an error of Flow Service's catalogue, `NNNN-HTTP`."""
    return Problem(status, {"errorCode": f"{code}-{status}", "errorMessage": message, "errorDetails": message})


def not_found(kind: str, id_: str) -> Problem:
    """Return the answer for an absent object."""
    message = f"{kind} not found with id = [{id_}]"
    return Problem(404, {"errorMessage": message, "errorDetails": message})


def stale(supplied: str, current: str) -> Problem:
    """Return the answer for an If-Match that does not name the current version."""
    message = f'Supplied version=["{supplied}"] does not match the current version on entity=["{current}"]'
    return Problem(412, {"errorMessage": message, "errorDetails": message})


def too_many_destinations(most: int) -> Problem:
    """Return the answer for one destination too many. That an error is returned is documented, which one is not."""
    message = f"The maximum number of destinations, {most} per sandbox, is reached"
    return Problem(400, {"errorMessage": message, "errorDetails": message})
