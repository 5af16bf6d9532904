"""Attacks with processes: loops, bombs, programs, signals, and what will not end."""

from corpus import Hostile

TIME = ("time limit",)

_FORKS_ONCE = """
if os.fork() == 0:
    won()
    os._exit(0)
os.wait()
"""

# Bounded, so that a sandbox that fails does not take the machine with it.
_FORK_BOMB = """
made = 0
for attempt in range(2000):
    try:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        made += 1
    except OSError:
        pass
if made:
    won()
"""

_THREAD_BOMB = """
import _thread
try:
    for attempt in range(100_000):
        _thread.start_new_thread(time.sleep, (60,))
except RuntimeError:
    pass
"""

_DAEMON = """
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    for descriptor in range(256):
        try:
            os.close(descriptor)
        except OSError:
            pass
    time.sleep(60)
    os._exit(0)
"""

_CLONES = """
for flags in (17, 17 | 0x10000000, 17 | 0x20000000):   # SIGCHLD; with a new user or process namespace
    pid = call("clone", flags, 0, 0, 0, 0)
    if pid == 0:
        won()
        os._exit(0)
"""

_SPAWNS = """
import subprocess
program = ["/bin/sh", "-c", f"echo {CANARY['flag']}"]
each(
    lambda: tell(subprocess.check_output(program)),
    lambda: os.waitpid(os.posix_spawn(program[0], program, {}), 0),
    lambda: tell(os.popen(program[2]).read()),
)
"""

_MULTIPROCESSING = """
import multiprocessing
context = multiprocessing.get_context("fork")
process = context.Process(target=won)
process.start()
process.join()
"""

_IGNORES_SIGNALS = """
import signal
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
while True:
    try:
        time.sleep(60)
    except BaseException:
        pass
"""

_STOPS_VICTIMS = """
import signal
for pid in CANARY["victims"]:
    each(lambda: os.kill(pid, signal.SIGSTOP))
"""

_PIDFD = """
import signal
for pid in CANARY["victims"]:
    each(lambda: signal.pidfd_send_signal(os.pidfd_open(pid), signal.SIGSTOP))
"""

_RENICES = """
for pid in CANARY["victims"]:
    each(lambda: os.setpriority(os.PRIO_PROCESS, pid, 15))
"""

_QUEUES_SIGNALS = """
information = (ctypes.c_int * 32)(19, 0, -1)   # SIGSTOP, from a queue
for pid in CANARY["victims"]:
    call("rt_sigqueueinfo", pid, 19, ctypes.byref(information))
    call("tkill", pid, 19)
    call("tgkill", pid, pid, 19)
"""

_PINS_OTHERS = """
for pid in CANARY["victims"]:
    each(lambda: (os.sched_setaffinity(pid, os.sched_getaffinity(pid)), won()))
"""

_IDLES_OTHERS = """
for pid in CANARY["victims"]:
    each(lambda: (os.sched_setscheduler(pid, os.SCHED_BATCH, os.sched_param(0)), won()))
"""

_SLOWS_DISKS = """
for pid in CANARY["victims"]:
    if call("ioprio_set", 1, pid, 3 << 13) == 0:   # idle
        won()
"""

_QUEUES_FOR_NOBODY = """
os.mkfifo("pipe")
won()
"""

_LIMITS_OTHERS = """
import resource
for pid in CANARY["victims"]:
    try:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (16, 16))
        won()
    except OSError:
        pass
"""

# A pipe that has something to read sends its owner a signal of one's choice: SIGSTOP.
_OWNS_A_FILE = """
import fcntl
for pid in CANARY["victims"]:
    def signal_through_a_pipe():
        out, into = os.pipe()
        TAKES_OWNER
        fcntl.fcntl(out, fcntl.F_SETSIG, 19)
        fcntl.fcntl(out, fcntl.F_SETFL, os.O_ASYNC)
        os.write(into, b"x")
    each(signal_through_a_pipe)
"""

_SETS_OWNER = _OWNS_A_FILE.replace("TAKES_OWNER", "fcntl.fcntl(out, fcntl.F_SETOWN, pid)")
_SETS_OWNER_BY_KIND = _OWNS_A_FILE.replace(
    "TAKES_OWNER", "fcntl.fcntl(out, 15, (1).to_bytes(4, sys.byteorder) + pid.to_bytes(4, sys.byteorder))"
)

_CHOOSES_A_SIGNAL = """
import fcntl
out, into = os.pipe()
fcntl.fcntl(out, fcntl.F_SETSIG, 9)
won()
"""

CASES = tuple(
    Hostile(name, "processes", code, ends=ends, works_unconfined=works)
    for name, code, ends, works in (
        ("a loop in Python", "while True: pass", TIME, False),
        ("a loop in C", "sum(iter(int, 1))", TIME, False),
        ("a regular expression that backtracks", "import re\nre.match('(a+)+$', 'a' * 64 + 'b')", TIME, False),
        ("a kernel of torch that takes hours", "a = torch.ones(4000, 4000)\nwhile True: a = a @ a", TIME, False),
        ("sleep", "time.sleep(1e6)", TIME, False),
        ("sleep that catches what wakes it", _IGNORES_SIGNALS, TIME, False),
        ("stopping itself", "import signal\nos.kill(os.getpid(), signal.SIGSTOP)", (), False),
        ("one fork", _FORKS_ONCE, (), True),
        ("a fork bomb", _FORK_BOMB, (), False),
        ("a bomb of threads", _THREAD_BOMB, (), False),
        ("clone with namespaces", _CLONES, (), True),
        ("a daemon", _DAEMON, (), True),
        ("exec", "os.execv('/bin/sh', ['sh', '-c', 'echo ' + CANARY['flag']])", (), True),
        ("os.system", "os.system('echo ' + CANARY['flag'])", (), True),
        ("subprocess, posix_spawn, popen", _SPAWNS, (), True),
        ("multiprocessing", _MULTIPROCESSING, (), True),
        ("killing the parent", "import signal\nos.kill(os.getppid(), signal.SIGKILL)", (), True),
        ("killing process 1", "import signal\neach(lambda: os.kill(1, signal.SIGKILL))", (), False),
        ("killing all there are", "import signal\neach(lambda: os.kill(-1, signal.SIGKILL))", (), False),
        ("signals to another process", _STOPS_VICTIMS, (), True),
        ("signals through a pidfd", _PIDFD, (), True),
        ("queued signals", _QUEUES_SIGNALS, (), True),
        ("signals to the owner of a pipe", _SETS_OWNER, (), True),
        ("signals to the owner of a pipe, by its kind", _SETS_OWNER_BY_KIND, (), True),
        ("a signal of one's choice from a pipe", _CHOOSES_A_SIGNAL, (), True),
        ("another process's priority", _RENICES, (), True),
        ("another process's limits", _LIMITS_OTHERS, (), True),
        ("another process's cores", _PINS_OTHERS, (), True),
        ("another process's scheduler", _IDLES_OTHERS, (), True),
        ("another process's disks", _SLOWS_DISKS, (), True),
        ("a named pipe", _QUEUES_FOR_NOBODY, (), True),
    )
)
