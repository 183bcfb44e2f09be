// The npm client ioredis on every data type, with its own pipelines and scan streams. Prints "all good" at the end.
"use strict";
const assert = require("node:assert");
const Redis = require("ioredis");

async function collect(stream) {
  const all = [];
  for await (const part of stream) all.push(...part);
  return all;
}

async function main() {
  const c = new Redis({ port: Number(process.argv[2]), host: "127.0.0.1", db: 7 });
  await c.flushdb();

  await c.hset("product:1", { name: "Kettle", price: "39.90", stock: "17" });
  assert.equal(await c.hincrby("product:1", "stock", -1), 16);
  assert.deepEqual(await c.hgetall("product:1"), { name: "Kettle", price: "39.90", stock: "16" });
  assert.deepEqual(await c.hmget("product:1", "name", "nosuch"), ["Kettle", null]);

  const pipe = c.pipeline();
  for (let i = 0; i < 1000; i++) pipe.zincrby("board", i % 97, `player:${i}`).sadd("players", `player:${i}`).rpush("queue", i).hset("big", `f${i}`, i);
  const replies = await pipe.exec();
  assert.ok(replies.every(([err]) => err === null));
  assert.equal(await c.zcard("board"), 1000);
  assert.deepEqual(await c.zrevrange("board", 0, 1, "WITHSCORES"), ["player:969", "96", "player:96", "96"]);
  assert.equal(await c.zrank("board", "player:0"), 0);
  assert.equal((await c.zrangebyscore("board", "(95", "+inf")).length, 10);
  assert.equal(new Set(await collect(c.sscanStream("players", { count: 50 }))).size, 1000);
  assert.equal((await collect(c.hscanStream("big", { match: "f99*" }))).length, 22);
  assert.equal(new Set((await collect(c.zscanStream("board"))).filter((_, i) => i % 2 === 0)).size, 1000);
  assert.equal(await c.llen("queue"), 1000);
  assert.deepEqual(await c.lrange("queue", -2, -1), ["998", "999"]);
  assert.equal(await c.lpop("queue"), "0");
  assert.equal((await c.sinter("players", "players")).length, 1000);

  const id = await c.xadd("log", "*", "level", "info", "text", "started");
  await c.xgroup("CREATE", "log", "readers", "0");
  const read = await c.xreadgroup("GROUP", "readers", "one", "COUNT", 10, "STREAMS", "log", ">");
  assert.equal(read[0][1][0][0], id);
  assert.equal(await c.xack("log", "readers", id), 1);

  await c.geoadd("towns", 13.361389, 38.115556, "Palermo", 15.087269, 37.502669, "Catania");
  assert.equal(await c.geodist("towns", "Palermo", "Catania", "km"), "166.2742");
  assert.deepEqual(await c.geosearch("towns", "FROMLONLAT", 15, 37, "BYRADIUS", 100, "km", "ASC"), ["Catania"]);
  await c.pfadd("visitors", ...Array.from({ length: 500 }, (_, i) => `v${i}`));
  const guess = await c.pfcount("visitors");
  assert.ok(Math.abs(guess - 500) < 25, `guessed ${guess}`);
  await c.setbit("seen", 1000, 1);
  assert.equal(await c.bitcount("seen"), 1);

  const dump = await c.dumpBuffer("board");
  await c.restore("twin", 0, dump);
  assert.equal(await c.zcard("twin"), 1000);
  await assert.rejects(c.lpush("board", "x"), /WRONGTYPE/);
  c.disconnect();
  console.log("all good");
}

main().catch((e) => {
  console.error(e);
  process.exit(1);
});
