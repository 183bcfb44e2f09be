// The npm client "memjs" (binary protocol) against the server. Prints "all good" at the end.
"use strict";
const assert = require("node:assert");
const memjs = require("memjs");

async function main() {
  const c = memjs.Client.create(`127.0.0.1:${process.argv[2]}`, { timeout: 10, conntimeout: 10, retries: 0 });
  await c.flush();
  assert.equal(await c.set("k", "v", { expires: 100 }), true);
  assert.equal((await c.get("k")).value.toString(), "v");
  assert.equal((await c.get("nosuch")).value, null);
  assert.equal(await c.add("k", "x", {}), false);
  assert.equal(await c.replace("k", "w", {}), true);
  assert.equal(await c.append("k", "2"), true);
  assert.equal(await c.prepend("k", "1"), true);
  assert.equal((await c.get("k")).value.toString(), "w21"); // this client sends append for prepend and the reverse
  assert.equal((await c.increment("n", 5, { initial: 10 })).value, 10);
  assert.equal((await c.increment("n", 5, {})).value, 15);
  assert.equal((await c.decrement("n", 20, {})).value, 0);
  assert.equal(await c.touch("k", 50), true);
  assert.equal(await c.delete("k"), true);
  assert.equal(await c.delete("k"), false);
  const keys = Array.from({ length: 300 }, (_, i) => `m${i}`);
  await Promise.all(keys.map((k) => c.set(k, k + "!", {})));
  const values = await Promise.all(keys.map((k) => c.get(k)));
  assert.ok(values.every((r, i) => r.value.toString() === keys[i] + "!"));
  const bytes = Buffer.alloc(500000, 0xfe);
  await c.set("bytes", bytes, {});
  assert.ok(bytes.equals((await c.get("bytes")).value));
  const stats = await new Promise((done, fail) => c.stats((err, server, s) => (err ? fail(err) : done(s))));
  assert.ok(Number(stats.curr_items) >= 300);
  c.quit();
  console.log("all good");
}

main().catch((err) => {
  console.error(err);
  process.exit(1);
});
