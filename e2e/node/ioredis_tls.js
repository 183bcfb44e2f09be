// ioredis over TLS, with a client certificate. Arguments: port, authority, certificate, key. Prints "all good" at the end.
"use strict";
const assert = require("node:assert");
const fs = require("node:fs");
const Redis = require("ioredis");

async function main() {
  const [port, ca, cert, key] = process.argv.slice(2);
  const tls = { ca: fs.readFileSync(ca), cert: fs.readFileSync(cert), key: fs.readFileSync(key), servername: "localhost" };
  const c = new Redis({ host: "127.0.0.1", port: Number(port), tls });
  assert.equal(await c.ping(), "PONG");
  const bytes = Buffer.alloc(1 << 20, 0xfe);
  await c.set("bytes", bytes);
  assert.ok(bytes.equals(await c.getBuffer("bytes")));
  const all = await Promise.all(Array.from({ length: 2000 }, (_, i) => c.incr(`n:${i % 10}`)));
  assert.equal(all.length, 2000);
  assert.equal(await c.get("n:3"), "200");
  await c.quit();
  const stranger = new Redis({ host: "127.0.0.1", port: Number(port), tls: { ca: tls.ca, servername: "localhost" }, retryStrategy: null, lazyConnect: true, maxRetriesPerRequest: 0 });
  stranger.on("error", () => {});
  await assert.rejects(async () => { await stranger.connect(); await stranger.ping(); });
  stranger.disconnect();
  console.log("all good");
}

main().catch((e) => {
  console.error(e);
  process.exit(1);
});
