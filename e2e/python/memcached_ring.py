# Consistent hashing: libmemcached's ketama and pymemcache's rendezvous keep their keys when a node is added. Arguments: the ports of the
# nodes, the last of which joins later. Prints "all good" at the end.
import sys

import pylibmc
from pymemcache.client.hash import HashClient

ports = [int(p) for p in sys.argv[1:]]
keys = [f"user:{i}" for i in range(3000)]


def judge(name, moved):
    share = 1 / len(ports)
    assert 0.05 < moved < share + 0.1, f"{name}: {moved:.3f} of the keys moved, the new node's share is {share:.3f}"


for binary in (False, True):
    def ring(ports):
        return pylibmc.Client([f"127.0.0.1:{p}" for p in ports], binary=binary, behaviors={"ketama": True, "tcp_nodelay": True})

    few, more = ring(ports[:-1]), ring(ports)
    few.flush_all()
    more.flush_all()
    assert few.set_multi({k: "of " + k for k in keys}) == []
    got = more.get_multi(keys)
    assert all(v == "of " + k for k, v in got.items())
    judge(f"ketama, binary {binary}", 1 - len(got) / len(keys))
    assert len(few.get_multi(keys)) == len(keys)

few = HashClient([("127.0.0.1", p) for p in ports[:-1]])
few.flush_all()
assert few.set_many({k: "of " + k for k in keys}) == []
more = HashClient([("127.0.0.1", p) for p in ports])
got = more.get_many(keys)
assert all(v == ("of " + k).encode() for k, v in got.items())
judge("rendezvous", 1 - len(got) / len(keys))
print("all good")
