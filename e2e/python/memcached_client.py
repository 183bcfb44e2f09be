# pymemcache against the server: storing, versions, counters, lifetimes, statistics. Prints "all good" at the end.
import sys
import time

from pymemcache.client.base import Client, PooledClient
from pymemcache.exceptions import MemcacheClientError, MemcacheServerError

address = ("127.0.0.1", int(sys.argv[1]))
c = Client(address, default_noreply=False, timeout=10)
assert c.version()
c.flush_all()
assert c.set("k", "v", expire=100, flags=5) and c.get("k") == b"v"
assert c.get("nosuch") is None and c.get("nosuch", default=7) == 7
assert c.add("k", "x") is False and c.replace("k", "w") is True
assert c.append("k", "2") and c.prepend("k", "1") and c.get("k") == b"1w2"
value, version = c.gets("k")
assert c.cas("k", "mine", version) is True
assert c.cas("k", "late", version) is False
assert c.cas("nosuch", "x", b"1") is None
assert c.set("n", "10") and c.incr("n", 5) == 15 and c.decr("n", 100) == 0 and c.incr("nosuch", 1) is None
assert c.touch("k", 50) is True and c.touch("nosuch") is False
many = {f"m{i}": "x" * i for i in range(500)}
assert c.set_many(many) == []
got = c.get_many(list(many) + ["nosuch"])
assert len(got) == 500 and got["m499"] == b"x" * 499
assert len(c.gets_many(["m1", "m2"])) == 2
assert c.delete("k") is True and c.delete("k") is False
assert c.set("short", "x", expire=-1) and c.get("short") is None
assert c.set("second", "x", expire=1) and c.get("second") == b"x"
time.sleep(2.1)
assert c.get("second") is None
stats = c.stats()
assert stats[b"curr_items"] >= 500 and stats[b"cmd_set"] > 500, stats
assert c.stats("settings")[b"item_size_max"] == 1048576 if b"item_size_max" in c.stats("settings") else True
assert c.verbosity(0) if hasattr(c, "verbosity") else True
try:
    c.incr("m1", 1)
    raise SystemExit("incr of text succeeded")
except MemcacheClientError as e:
    assert b"non-numeric" in e.args[0], e
try:
    c.set("big", "x" * (2 << 20))
    raise SystemExit("2 MB were stored")
except MemcacheServerError as e:
    assert b"too large" in e.args[0], e
assert c.get("m1") == b"x"

quiet = Client(address, default_noreply=True)
for i in range(1000):
    quiet.set(f"q{i}", str(i))
assert quiet.get("q999") == b"999"
pool = PooledClient(address, max_pool_size=4)
assert pool.set("p", "1") and pool.get("p") == b"1"
assert c.flush_all() and c.get("m1") is None
print("all good")
