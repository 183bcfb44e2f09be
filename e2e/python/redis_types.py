"""redis-py on every data type: the product hash, page views, a leaderboard, a session store, and the rest. Prints "all good" at the end."""
import sys
import redis

r = redis.Redis(port=int(sys.argv[1]), db=4, decode_responses=True)
r.flushdb()

# A product as a hash.
assert r.hset("product:42", mapping={"name": "Lamp", "price": "24.50", "stock": 12}) == 3
assert r.hget("product:42", "name") == "Lamp"
assert r.hincrby("product:42", "stock", -2) == 10
assert abs(r.hincrbyfloat("product:42", "price", 0.5) - 25.0) < 1e-9
assert r.hgetall("product:42") == {"name": "Lamp", "price": "25", "stock": "10"}
assert r.hmget("product:42", "name", "nosuch") == ["Lamp", None]
assert sorted(r.hkeys("product:42")) == ["name", "price", "stock"]
assert r.hexists("product:42", "stock") and r.hdel("product:42", "stock") == 1 and r.hlen("product:42") == 2

# Page views, counted by day, and unique visitors.
for page in ("home", "home", "about"):
    r.hincrby("views:2026-01-01", page)
    r.incr("views:total")
assert r.hgetall("views:2026-01-01") == {"home": "2", "about": "1"} and r.get("views:total") == "3"
r.pfadd("unique:a", *range(300))
r.pfadd("unique:b", *range(200, 500))
assert abs(r.pfcount("unique:a", "unique:b") - 500) < 25
r.setbit("active", 7, 1), r.setbit("active", 70000, 1)
assert r.bitcount("active") == 2 and r.bitpos("active", 1) == 7
assert r.bitfield("flags").incrby("u8", "#0", 300).execute() == [44]

# A leaderboard.
board = {f"player:{i}": i * 1.5 for i in range(500)}
assert r.zadd("board", board) == 500
assert r.zincrby("board", 1000, "player:3") == 1004.5
assert r.zrevrange("board", 0, 1, withscores=True) == [("player:3", 1004.5), ("player:499", 748.5)]
assert r.zrevrank("board", "player:3") == 0 and r.zscore("board", "player:10") == 15.0
assert r.zcount("board", "(10", 20) == 7
assert r.zrangebyscore("board", 10, 15, start=1, num=2) == ["player:8", "player:9"]
assert r.zremrangebyrank("board", 0, 9) == 10 and r.zcard("board") == 490
assert r.zpopmax("board", 1) == [("player:3", 1004.5)]
assert r.zunionstore("both", {"board": 2, "board2": 1}) == 489
assert dict(r.zscan_iter("both"))["player:20"] == 60.0

# A session store.
with r.pipeline(transaction=False) as p:
    for i in range(200):
        p.hset(f"session:{i}", mapping={"user": i, "basket": "[]"}).expire(f"session:{i}", 1800)
    assert all(x is not None for x in p.execute())
assert 1790 < r.ttl("session:7") <= 1800 and r.hget("session:7", "user") == "7"

# Lists and sets.
r.rpush("jobs", *range(1000))
assert r.lpop("jobs") == "0" and r.rpop("jobs", 2) == ["999", "998"] and r.llen("jobs") == 997
assert r.lrange("jobs", 0, 2) == ["1", "2", "3"] and r.lindex("jobs", -1) == "997" and r.lpos("jobs", "500") == 499
assert r.lmove("jobs", "done", "LEFT", "RIGHT") == "1" and r.linsert("jobs", "BEFORE", "3", "x") == 997
assert r.lrem("jobs", 0, "x") == 1 and r.ltrim("jobs", 0, 9) and r.llen("jobs") == 10
r.sadd("even", *range(0, 1000, 2)), r.sadd("three", *range(0, 1000, 3))
assert r.sinter("even", "three") == {str(i) for i in range(0, 1000, 6)} and r.sintercard(2, ["even", "three"]) == 167
assert r.sdiffstore("diff", ["even", "three"]) == 333 and r.scard("diff") == 333
assert len(r.srandmember("even", 10)) == 10 and len(r.spop("even", 5)) == 5 and r.scard("even") == 495
assert set(r.sscan_iter("three")) == {str(i) for i in range(0, 1000, 3)}
r.rpush("unsorted", 3, 1, 2)
r.mset({"w_1": 30, "w_2": 20, "w_3": 10})
assert r.sort("unsorted") == ["1", "2", "3"] and r.sort("unsorted", by="w_*", get="w_*") == ["10", "20", "30"]

# Streams with a group.
ids = [r.xadd("log", {"n": i}) for i in range(100)]
assert r.xlen("log") == 100 and r.xrange("log", count=1) == [(ids[0], {"n": "0"})]
assert r.xgroup_create("log", "g", id="0")
got = r.xreadgroup("g", "alice", {"log": ">"}, count=10)
assert [i for i, _ in got[0][1]] == ids[:10]
assert r.xack("log", "g", *ids[:4]) == 4 and r.xpending("log", "g")["pending"] == 6
assert [i for i, _ in r.xclaim("log", "g", "bob", 0, [ids[5]])] == [ids[5]]
assert r.xtrim("log", maxlen=50, approximate=False) == 50 and r.xinfo_stream("log")["length"] == 50

# Geography.
r.geoadd("towns", [13.361389, 38.115556, "Palermo", 15.087269, 37.502669, "Catania"])
assert abs(r.geodist("towns", "Palermo", "Catania", unit="km") - 166.2742) < 1e-4
assert r.geosearch("towns", longitude=15, latitude=37, radius=200, unit="km", sort="ASC") == ["Catania", "Palermo"]
assert r.geohash("towns", "Palermo") == ["sqc8b49rny0"]

# A copy of anything through its serialized form.
raw = redis.Redis(port=int(sys.argv[1]), db=4)
for key in ("product:42", "both", "jobs", "diff", "three", "log", "towns", "unique:a"):
    raw.restore(key + ":copy", 0, raw.dump(key))
    assert raw.dump(key + ":copy") == raw.dump(key), key
    assert r.type(key + ":copy") == r.type(key)
try:
    r.lpush("both", "x")
    raise SystemExit("no WRONGTYPE")
except redis.ResponseError as e:
    assert str(e).startswith("WRONGTYPE")
print("all good")
