// The npm client "memcached" against the server. Prints "all good" at the end.
"use strict";
const assert = require("node:assert");
const { promisify } = require("node:util");
const Memcached = require("memcached");

async function main() {
  const c = new Memcached(`127.0.0.1:${process.argv[2]}`, { timeout: 10000, retries: 0 });
  const call = (name, ...args) => promisify(c[name].bind(c))(...args);
  await call("flush");
  assert.equal(await call("set", "k", "v", 100), true);
  assert.equal(await call("get", "k"), "v");
  assert.equal(await call("get", "nosuch"), undefined);
  await assert.rejects(call("add", "k", "x", 0), /not stored/);
  assert.equal(await call("replace", "k", "w", 0), true);
  assert.equal(await call("append", "k", "2"), true);
  assert.equal(await call("prepend", "k", "1"), true);
  const item = await call("gets", "k");
  assert.equal(item.k, "1w2");
  assert.equal(await call("cas", "k", "mine", item.cas, 0), true);
  assert.equal(await call("cas", "k", "late", item.cas, 0), false);
  assert.equal(await call("set", "n", 10, 0), true);
  assert.equal(await call("incr", "n", 5), 15);
  assert.equal(await call("decr", "n", 3), 12);
  assert.equal(await call("touch", "k", 50), true);
  await call("set", "object", { a: [1, 2, { b: "c" }] }, 0);
  assert.deepEqual(await call("get", "object"), { a: [1, 2, { b: "c" }] });
  const keys = Array.from({ length: 200 }, (_, i) => `m${i}`);
  await Promise.all(keys.map((k) => call("set", k, k + "!", 0)));
  const many = await call("getMulti", keys);
  assert.equal(Object.keys(many).length, 200);
  assert.equal(many.m199, "m199!");
  assert.equal(await call("del", "k"), true);
  assert.equal(await call("del", "k"), false);
  const bytes = Buffer.alloc(500000, 0xfe);
  await call("set", "bytes", bytes, 0);
  assert.ok(bytes.equals(await call("get", "bytes")));
  const stats = await call("stats");
  assert.ok(stats[0].curr_items >= 200);
  c.end();
  console.log("all good");
}

main().catch((e) => {
  console.error(e);
  process.exit(1);
});
