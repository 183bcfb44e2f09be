# redis-py over TLS, with a client certificate. Arguments: port, authority, certificate, key. Prints "all good" at the end.
import ssl
import sys

import redis

port, ca, cert, key = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
trusting = dict(port=port, host="localhost", ssl=True, ssl_ca_certs=ca, socket_timeout=20)
r = redis.Redis(ssl_certfile=cert, ssl_keyfile=key, **trusting)
assert r.ping()
big = bytes(range(256)) * 4096
assert r.set("big", big) and r.get("big") == big
pipe = r.pipeline(transaction=False)
for i in range(2000):
    pipe.set("key:%d" % i, i)
    pipe.get("key:%d" % i)
assert pipe.execute()[1::2] == [b"%d" % i for i in range(2000)]
for kwargs in (trusting, dict(port=port, ssl=True, ssl_certfile=cert, ssl_keyfile=key, ssl_ca_certs=cert)):
    try:
        redis.Redis(**kwargs).ping()
    except (redis.ConnectionError, ssl.SSLError):
        pass
    else:
        raise AssertionError("connected with %r" % kwargs)
print("all good")
