"""rq: jobs by name, one that fails, one behind another, all run by a worker in this process. Prints "all good" at the end."""
import sys

import redis
from rq import Queue, SimpleWorker
from rq.job import Job


def double(n):
    return 2 * n


def fail():
    raise ValueError("on purpose")


def main():
    connection = redis.Redis(port=int(sys.argv[1]), db=4)
    connection.flushdb()
    queue = Queue("sums", connection=connection)
    jobs = [queue.enqueue("job_queue.double", n) for n in range(30)]
    broken = queue.enqueue("job_queue.fail")
    behind = queue.enqueue("job_queue.double", 100, depends_on=jobs[0])
    assert len(queue) == 31, len(queue)
    worker = SimpleWorker([queue], connection=connection)
    assert worker.work(burst=True, logging_level="CRITICAL")
    assert [j.result for j in jobs] == [2 * n for n in range(30)]
    assert Job.fetch(behind.id, connection=connection).result == 200
    assert broken.is_failed
    assert len(queue.failed_job_registry) == 1
    assert len(queue.finished_job_registry) == 31
    assert len(queue) == 0

    # A pipeline with WATCH that is disturbed once.
    connection.set("balance", 10)
    tries = 0

    def pay(pipe):
        nonlocal tries
        balance = int(pipe.get("balance"))
        tries += 1
        if tries == 1:
            connection.incr("balance")
        pipe.multi()
        pipe.set("balance", balance - 5)

    connection.transaction(pay, "balance")
    assert tries == 2 and connection.get("balance") == b"6"

    lock = connection.lock("turn", timeout=10)
    assert lock.acquire(blocking=False)
    assert not connection.lock("turn", timeout=10).acquire(blocking=False)
    lock.extend(5)
    lock.release()
    assert connection.lock("turn").acquire(blocking=False)

    listener = connection.pubsub()
    listener.subscribe("room")
    listener.psubscribe("r*")
    for _ in range(2):
        assert listener.get_message(timeout=5)["type"].endswith("subscribe")
    assert connection.publish("room", "hello") == 2
    got = sorted(listener.get_message(timeout=5)["type"] for _ in range(2))
    assert got == ["message", "pmessage"], got
    listener.close()
    print("all good")


if __name__ == "__main__":
    sys.modules["job_queue"] = sys.modules["__main__"]
    main()
