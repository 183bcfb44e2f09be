// The npm client "memcache-plus" (text protocol) against the server. Prints "all good" at the end.
"use strict";
const assert = require("node:assert");
const MemcachePlus = require("memcache-plus");

async function main() {
  const c = new MemcachePlus({ hosts: [`127.0.0.1:${process.argv[2]}`], netTimeout: 10000 });
  await c.flush();
  await c.set("k", "v", 100);
  assert.equal(await c.get("k"), "v");
  assert.equal(await c.get("nosuch"), null);
  await assert.rejects(c.add("k", "x"));
  await c.replace("k", "w");
  await c.append("k", "2");
  await c.prepend("k", "1");
  assert.equal(await c.get("k"), "1w2");
  const [value, cas] = await c.gets("k");
  assert.equal(value, "1w2");
  assert.equal(await c.cas("k", "mine", cas), true);
  assert.equal(await c.cas("k", "late", cas), false);
  await c.set("n", 10);
  assert.equal(Number(await c.incr("n", 5)), 15);
  assert.equal(Number(await c.decr("n", 3)), 12);
  await c.set("object", { a: [1, 2, { b: "c" }] });
  assert.deepEqual(await c.get("object"), { a: [1, 2, { b: "c" }] });
  const keys = Array.from({ length: 200 }, (_, i) => `m${i}`);
  await Promise.all(keys.map((k) => c.set(k, k + "!")));
  const many = await c.getMulti(keys);
  assert.equal(many.m199, "m199!");
  await c.set("packed", "x".repeat(50000), { compressed: true });
  assert.equal(await c.get("packed", { compressed: true }), "x".repeat(50000));
  assert.equal(await c.delete("k"), true);
  const items = await c.items();
  assert.ok(items);
  await c.disconnect();
  console.log("all good");
}

main().catch((err) => {
  console.error(err);
  process.exit(1);
});
