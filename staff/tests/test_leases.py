"""Submissions that are lent to workers come back once, whatever happens to the workers."""

from autograder.classroom.cluster.leases import AHEAD, SENDS, Lease, Leases


def lent(leases: Leases, worker: str, now: float = 0.0) -> Lease:
    lease = leases.lend(worker, now)
    assert lease is not None
    return lease


def test_the_first_result_counts_and_a_second_is_dropped() -> None:
    leases = Leases(["a"], longest=10)
    late = lent(leases, "frozen")
    leases.expire(["frozen"], now=1)
    again = lent(leases, "other")
    assert again.job == "a" and leases.finish(again) and not leases.finish(late)
    assert leases.is_done and leases.lend("other", 2) is None


def test_a_result_that_is_late_counts_if_it_is_the_first() -> None:
    leases = Leases(["a"], longest=10)
    late = lent(leases, "slow")
    leases.expire([], now=10)
    assert leases.lend("other", 10) is None
    leases.expire([], now=11)
    assert leases.finish(late) and leases.lend("other", 12) is None and leases.is_done


def test_what_a_lost_worker_had_is_lent_before_all_others() -> None:
    leases = Leases(["a", "b", "c"], longest=10)
    first = lent(leases, "one")
    leases.lose("one")
    leases.lose("one, that had nothing")
    assert leases.held_by("one") == 0 and lent(leases, "two").job == first.job


def test_what_may_have_ended_a_worker_is_lent_to_one_that_has_nothing_else() -> None:
    leases = Leases(["a", "b", "c", "d"], longest=10)
    assert [lent(leases, "one", now).job for now in range(AHEAD)] == ["a", "b"] and leases.lend("one", 9) is None
    other = lent(leases, "two")
    leases.lose("one")
    assert leases.lend("two", 3) is None  # which would take c along
    assert leases.finish(other) and lent(leases, "two").job == "a" and leases.lend("two", 4) is None


def test_what_always_fails_is_given_up_once_and_nothing_else() -> None:
    leases = Leases(["a", "b"], longest=10)
    for _ in range(SENDS):
        assert leases.give_up() == []
        leases.fail(lent(leases, "one"))
    assert leases.give_up() == ["a"] and leases.give_up() == [] and not leases.is_done
    assert leases.finish(lent(leases, "one")) and leases.is_done


def test_what_is_silent_at_every_worker_is_given_up_unless_it_comes_first() -> None:
    leases = Leases(["a"], longest=10)
    for number in range(SENDS):
        last = lent(leases, str(number))
        leases.expire([last.worker], now=1)
    assert leases.finish(last) and leases.give_up() == []
