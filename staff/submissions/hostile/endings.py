"""Ways to end, or not to: exits, exceptions, crashes, floods of output, and code that waits for the end."""

from corpus import Hostile

from hostile.cheats import CRASHES, PRINTS_A_LOT, SEGFAULTS

CRASH, ERROR = ("crash",), ("error",)

_UNSPEAKABLE = """
class Unspeakable(Exception):
    def __str__(self): raise self
    def __repr__(self): raise KeyboardInterrupt
    __class__ = property(lambda self: 1 / 0)
raise Unspeakable
"""

_NAMELESS = """
class Meta(type):
    __name__ = property(lambda cls: 1 / 0)
    def __getattribute__(cls, name): raise SystemExit
class Nameless(BaseException, metaclass=Meta):
    pass
raise Nameless
"""

_CHAIN = """
error = ValueError("first")
for number in range(100_000):
    following = ValueError(str(number))
    following.__cause__ = following.__context__ = error
    error = following
raise error
"""

_AT_EXIT = """
import atexit, threading
def afterwards():
    open("afterwards", "w").write("mine")
    while True:
        os.write(1, b"still here ")
        time.sleep(0.1)
atexit.register(afterwards)
threading._register_atexit(afterwards)
sys.excepthook = lambda *about: afterwards()
sys.exit(0)
"""

_STAYS = """
import _thread, signal
def stay(*about):
    while True:
        time.sleep(0.01)
        try:
            os.write(4, bytes(8))
        except OSError:
            pass
_thread.start_new_thread(stay, ())
signal.signal(signal.SIGTERM, stay)
signal.signal(signal.SIGINT, stay)
signal.signal(signal.SIGHUP, stay)
"""

_ILLEGAL = """
import mmap
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(b"\\x0f\\x0b" if os.uname().machine == "x86_64" else bytes(4))
ctypes.CFUNCTYPE(None)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
"""

_ALARM = """
import signal
def later(*about):
    os._exit(0)
signal.signal(signal.SIGALRM, later)
signal.setitimer(signal.ITIMER_REAL, 0.01)
"""

_ERRORS_FLOOD = """
while True:
    os.write(2, b"\\x1b]0;title\\x07[red]PASS[/red]" * 10_000)
"""

CASES = tuple(
    Hostile(name, "endings", code, ends=ends)
    for name, code, ends in (
        ("os._exit", CRASHES, CRASH),
        ("sys.exit", "sys.exit(0)", ERROR),
        ("KeyboardInterrupt", "raise KeyboardInterrupt", ERROR),
        ("GeneratorExit", "raise GeneratorExit", ERROR),
        ("an exception whose text raises", _UNSPEAKABLE, ERROR),
        ("an exception without a name", _NAMELESS, CRASH),
        ("an exception of 100 MB", "raise ValueError('x' * (100 << 20))", ERROR),
        ("a chain of 100,000 exceptions", _CHAIN, ()),
        ("abort", "os.abort()", CRASH),
        ("a segmentation fault", SEGFAULTS, CRASH),
        ("an illegal instruction", _ILLEGAL, CRASH),
        ("an alarm", _ALARM, ()),
        ("reading from the keyboard", "input('answer: ')", ERROR),
        ("a flood of print", PRINTS_A_LOT.replace("output = z", "output = 0 * z"), ()),
        ("errors without end", _ERRORS_FLOOD, ("time limit",)),
        ("closed output", "os.close(1)\nos.close(2)\nprint('x' * 100_000)", ()),
        ("code for the end", _AT_EXIT, ()),
        ("a thread that stays after the reply", _STAYS, ()),
    )
)
