// ioredis on what is around the data: pub/sub, transactions, scripts, blocking pops, keyspace events, and Redlock. Prints "all good" at the end.
"use strict";
const assert = require("node:assert");
const Redis = require("ioredis");
const Redlock = require("redlock");

async function main() {
  const port = Number(process.argv[2]);
  const c = new Redis(port);
  const sub = new Redis(port);
  await c.flushall();

  const got = [];
  sub.on("message", (channel, message) => got.push(`${channel}=${message}`));
  sub.on("pmessage", (pattern, channel, message) => got.push(`${pattern} ${channel}=${message}`));
  assert.equal(await sub.subscribe("news", "sport"), 2);
  assert.equal(await sub.psubscribe("n*"), 3);
  assert.equal(await c.publish("news", "one"), 2);
  assert.equal(await c.publish("sport", "two"), 1);
  assert.equal(await c.publish("none", "three"), 1);
  while (got.length < 4) await new Promise((r) => setTimeout(r, 5));
  assert.deepEqual(got, ["news=one", "n* news=one", "sport=two", "n* none=three"]);
  assert.deepEqual((await c.pubsub("channels")).sort(), ["news", "sport"]);
  await sub.unsubscribe("news", "sport");
  await sub.punsubscribe("n*");
  assert.equal(await sub.get("nothing"), null);

  await c.config("set", "notify-keyspace-events", "KEA");
  const events = new Redis(port);
  const heard = [];
  events.on("pmessage", (p, channel, message) => heard.push(channel.replace(/^.*__:/, "") + " " + message));
  await events.psubscribe("__keyevent@0__:*");
  await c.multi().set("k", "v").expire("k", 100).lpush("l", "a").del("k").exec();
  while (heard.length < 4) await new Promise((r) => setTimeout(r, 5));
  assert.deepEqual(heard, ["set k", "expire k", "lpush l", "del k"]);
  await c.config("set", "notify-keyspace-events", "");

  const [[, set], [wrong], [, n]] = await c.multi().set("a", 1).lpush("a", 2).incr("a").exec();
  assert.equal(set, "OK");
  assert.match(wrong.message, /^WRONGTYPE/);
  assert.equal(n, 2);
  const watcher = new Redis(port);
  await watcher.watch("a");
  await c.set("a", 9);
  assert.equal(await watcher.multi().set("a", 10).exec(), null);

  assert.equal(await c.eval("return {KEYS[1], ARGV[1], redis.call('get', KEYS[1])}", 1, "a", "x").then(String), "a,x,9");
  c.defineCommand("bump", { numberOfKeys: 1, lua: "local v = redis.call('incrby', KEYS[1], ARGV[1]) return v * 2" });
  assert.equal(await c.bump("a", 5), 28);
  assert.equal(await c.bump("a", 1), 30);
  await assert.rejects(c.eval("return redis.call('lpush', KEYS[1], 1)", 1, "a"), /WRONGTYPE/);
  await assert.rejects(c.eval("error('oops')", 0), /oops/);

  const waiting = watcher.blpop("q1", "q2", 5);
  const second = sub.brpoplpush("q2", "q3", 5);
  await new Promise((r) => setTimeout(r, 50));
  await c.rpush("q2", "first", "second");
  assert.deepEqual(await waiting, ["q2", "first"]);
  assert.equal(await second, "second");
  assert.equal(await c.lrange("q3", 0, -1).then(String), "second");
  assert.equal(await watcher.blpop("q1", 0.05), null);
  const popped = watcher.bzpopmin("z", 5);
  await new Promise((r) => setTimeout(r, 30));
  await c.zadd("z", 2, "b", 1, "a");
  assert.deepEqual(await popped, ["z", "a", "1"]);
  const entry = watcher.xread("BLOCK", 5000, "STREAMS", "x", "$");
  await new Promise((r) => setTimeout(r, 30));
  await c.xadd("x", "1-1", "f", "v");
  assert.deepEqual(await entry, [["x", [["1-1", ["f", "v"]]]]]);

  const redlock = new Redlock([c], { retryCount: 0 });
  const lock = await redlock.lock("locks:one", 5000);
  await assert.rejects(redlock.lock("locks:one", 5000), /Exceeded/);
  const longer = await lock.extend(10000);
  assert.ok((await c.pttl("locks:one")) > 9000);
  await longer.unlock();
  await (await redlock.lock("locks:one", 1000)).unlock();

  for (const x of [c, sub, events, watcher]) x.disconnect();
  console.log("all good");
}

main().catch((e) => {
  console.error(e);
  process.exit(1);
});
