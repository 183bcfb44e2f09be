# redis-py against the server: strings, lifetimes, pipelines, scanning, errors. Prints "all good" at the end.
import sys
import time

import redis

port = int(sys.argv[1])
r = redis.Redis(port=port, db=1, client_name="python", decode_responses=True)
assert r.ping()
r.flushall()
assert r.set("k", "v", ex=100) is True
assert r.get("k") == "v"
assert r.get("nosuch") is None
assert 98 <= r.ttl("k") <= 100
assert r.set("k", "w", nx=True) is None
assert r.set("k", "w", get=True) == "v"
assert r.ttl("k") == -1
assert r.incrby("n", 41) == 41 and r.incr("n") == 42 and r.decrby("n", 2) == 40
assert r.incrbyfloat("f", 0.1) == 0.1
assert r.append("k", "xyz") == 4 and r.strlen("k") == 4 and r.getrange("k", 1, -1) == "xyz"
assert r.mset({"a": 1, "b": 2}) and r.mget("a", "nosuch", "b") == ["1", None, "2"]
assert r.msetnx({"a": 3, "c": 4}) is False
assert r.exists("a", "b", "c", "a") == 3
assert r.rename("a", "z") and r.get("z") == "1"
assert r.copy("z", "y") and r.delete("z", "y") == 2
assert r.pexpireat("b", 4102444800000) and r.expiretime("b") == 4102444800
assert r.persist("b") and r.pttl("b") == -1
assert r.getex("b", ex=50) == "2" and 48 <= r.ttl("b") <= 50
assert r.getdel("b") == "2" and not r.exists("b")
assert r.psetex("short", 30, "x") and r.get("short") in ("x", None)
time.sleep(0.06)
assert r.get("short") is None
assert r.object("encoding", "n") == "int"
assert r.type("k") == "string" and r.type("nosuch") == "none"

with r.pipeline(transaction=False) as p:
    for i in range(2000):
        p.set(f"scan:{i}", i)
    assert all(p.execute())
assert len(set(r.scan_iter("scan:*", count=100))) == 2000
assert len(r.keys("scan:1?")) == 10
assert r.dbsize() >= 2000

try:
    r.incr("k")
    raise SystemExit("INCR of text succeeded")
except redis.ResponseError as e:
    assert str(e) == "value is not an integer or out of range", e
try:
    r.execute_command("NOSUCH", "a")
    raise SystemExit("an unknown command succeeded")
except redis.ResponseError as e:
    assert str(e).startswith("unknown command 'NOSUCH', with args beginning with: 'a'"), e

info = r.info()
assert info["redis_version"] == "7.2.0" and info["db1"]["keys"] >= 2000, info
assert r.client_getname() == "python"
assert any(c["name"] == "python" for c in r.client_list())
assert r.config_set("slowlog-max-len", 55) and r.config_get("slowlog-max-len") == {"slowlog-max-len": "55"}
assert isinstance(r.time()[0], int)
assert r.swapdb(1, 2) and r.dbsize() == 0
binary = redis.Redis(port=port)
value = bytes(range(256)) * 5000
assert binary.set(b"\x00\xff", value) and binary.get(b"\x00\xff") == value
r.flushall()
print("all good")
