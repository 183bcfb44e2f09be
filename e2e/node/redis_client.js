// The npm client "redis" against the server, pipelining as it likes. Prints "all good" at the end.
"use strict";
const assert = require("node:assert");
const { createClient } = require("redis");

async function main() {
  const c = createClient({ url: `redis://127.0.0.1:${process.argv[2]}/2`, name: "node" });
  await c.connect();
  await c.flushAll();
  assert.equal(await c.set("k", "v", { EX: 100 }), "OK");
  assert.equal(await c.get("k"), "v");
  assert.equal(await c.get("nosuch"), null);
  const ttl = await c.ttl("k");
  assert.ok(ttl > 97 && ttl <= 100);
  assert.equal(await c.set("k", "w", { NX: true }), null);
  assert.equal(await c.incrBy("n", 41), 41);
  assert.equal(await c.incr("n"), 42);
  await c.mSet({ a: "1", b: "2" });
  assert.deepEqual(await c.mGet(["a", "nosuch", "b"]), ["1", null, "2"]);
  const all = await Promise.all(Array.from({ length: 2000 }, (_, i) => c.set(`scan:${i}`, String(i))));
  assert.ok(all.every((r) => r === "OK"));
  const seen = new Set();
  for await (const key of c.scanIterator({ MATCH: "scan:*", COUNT: 100 })) seen.add(key);
  assert.equal(seen.size, 2000);
  await assert.rejects(c.incr("k"), /value is not an integer or out of range/);
  await assert.rejects(c.sendCommand(["NOSUCH"]), /unknown command 'NOSUCH'/);
  assert.equal(await c.clientGetName(), "node");
  assert.match(await c.info("server"), /redis_version:7\.2\.0/);
  assert.equal(await c.copy("k", "copy"), true);
  assert.equal(await c.del(["k", "copy"]), 2);
  const bytes = Buffer.alloc(300000, 0xfe);
  await c.set("bytes", bytes);
  const { commandOptions } = require("redis");
  assert.ok(bytes.equals(await c.get(commandOptions({ returnBuffers: true }), "bytes")));
  await c.quit();
  console.log("all good");
}

main().catch((e) => {
  console.error(e);
  process.exit(1);
});
