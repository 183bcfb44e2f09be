"""redis-py as publisher and subscriber: channels, patterns, handlers, a thread, keyspace events. Prints "all good" at the end."""
import queue
import sys
import redis

port = int(sys.argv[1])
r = redis.Redis(port=port, decode_responses=True)


def following(p, n):
    """The next n messages, without those that tell of subscribing."""
    out = []
    while len(out) < n:
        m = p.get_message(ignore_subscribe_messages=True, timeout=10)
        if m is not None:
            out.append((m["type"], m["pattern"], m["channel"], m["data"]))
    return out


p = r.pubsub()
p.subscribe("news", "weather")
p.psubscribe("n*")
told = [p.get_message(timeout=10) for _ in range(3)]
assert [(m["type"], m["channel"], m["data"]) for m in told] == [("subscribe", "news", 1), ("subscribe", "weather", 2), ("psubscribe", "n*", 3)], told
assert r.publish("news", "first") == 2 and r.publish("weather", "rain") == 1 and r.publish("else", "x") == 0
assert sorted(following(p, 3), key=str) == sorted([("message", None, "news", "first"), ("pmessage", "n*", "news", "first"), ("message", None, "weather", "rain")], key=str)
assert sorted(r.pubsub_channels()) == ["news", "weather"] and r.pubsub_numsub("news", "nosuch") == [("news", 1), ("nosuch", 0)] and r.pubsub_numpat() == 1
p.ping("still here")
assert p.get_message(timeout=10)["data"] == "still here"
p.unsubscribe("news")
p.punsubscribe()
assert [p.get_message(timeout=10)["type"] for _ in range(2)] == ["unsubscribe", "punsubscribe"]
assert r.publish("news", "second") == 0

with r.pipeline(transaction=True) as pipe:
    for i in range(3000):
        pipe.publish("weather", i)
    assert pipe.execute() == [1] * 3000
assert [int(m[3]) for m in following(p, 3000)] == list(range(3000))
p.close()

r.config_set("notify-keyspace-events", "KEA")
heard = queue.Queue()
q = r.pubsub(ignore_subscribe_messages=True)
q.psubscribe(**{"__keyspace@0__:*": lambda m: heard.put((m["channel"], m["data"]))})
thread = q.run_in_thread(sleep_time=0.01)
while r.pubsub_numpat() == 0:
    pass
r.rpush("list", "a", "b")
r.lpop("list", 2)
r.set("brief", "v", px=30)
want = [("list", "rpush"), ("list", "lpop"), ("list", "del"), ("brief", "set"), ("brief", "expire"), ("brief", "expired")]
assert [heard.get(timeout=10) for _ in want] == [("__keyspace@0__:" + key, event) for key, event in want]
thread.stop()
thread.join()
print("all good")
