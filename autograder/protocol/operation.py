"""The operations that a student's process knows. This needs no torch, nor does what explains an error."""

from enum import IntEnum


class Operation(IntEnum):
    """What a request asks of a student's process; the number is its tag, and `operations` has a builder for each."""

    READ_NOTEBOOK = 1
    BEGIN_CHECK = 2
    DEFINE_STAND_INS = 3
    CALL = 4
    GET_ATTRIBUTE = 5
    LIST_MODULES = 6
    LOAD_PARAMETERS = 7
    RESTORE_WEIGHTS = 8
    SET_TRAINING = 9
    REPORT_BROKEN_RULES = 10
    FULL_RUN = 11
    READ_WEIGHTS = 12
    LIST_UNKNOWN_NAMES = 13
    COUNT_CALLS = 14
    FIND_GRADIENTS = 15
    ADD_PIECE = 16
    TAKE_PIECE = 17
    READ_AGAIN = 18


def operation_of(request: bytes) -> Operation:
    """What a request asks for, by its tag."""
    return Operation(request[0])
