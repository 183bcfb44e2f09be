// The npm client ioredis as publisher and subscriber: channels, patterns, binary messages, keyspace events, reconnecting. Prints "all good" at the end.
"use strict";
const assert = require("node:assert");
const Redis = require("ioredis");

const options = { port: Number(process.argv[2]), host: "127.0.0.1" };

// gather resolves to the first n events of a kind.
function gather(client, event, n) {
  return new Promise((resolve) => {
    const all = [];
    client.on(event, function listen(...args) {
      all.push(args);
      if (all.length === n) {
        client.off(event, listen);
        resolve(all);
      }
    });
  });
}

async function main() {
  const pub = new Redis(options);
  const sub = new Redis(options);
  assert.equal(await sub.subscribe("news", "weather"), 2);
  assert.equal(await sub.psubscribe("n*"), 3);

  let messages = gather(sub, "message", 2);
  let matches = gather(sub, "pmessage", 1);
  assert.equal(await pub.publish("news", "first"), 2);
  assert.equal(await pub.publish("weather", "rain"), 1);
  assert.deepEqual(await messages, [["news", "first"], ["weather", "rain"]]);
  assert.deepEqual(await matches, [["n*", "news", "first"]]);
  assert.deepEqual(await sub.ping(), ["pong", ""]);
  await assert.rejects(async () => sub.get("k"), /subscriber mode/);

  const bytes = Buffer.from([0, 255, 13, 10, 128]);
  const raw = gather(sub, "messageBuffer", 1);
  await pub.publish("news", bytes);
  assert.ok((await raw)[0][1].equals(bytes));

  messages = gather(sub, "message", 5000);
  const pipe = pub.pipeline();
  for (let i = 0; i < 5000; i++) pipe.publish("weather", String(i));
  await pipe.exec();
  (await messages).forEach(([, text], i) => assert.equal(text, String(i)));

  await pub.config("SET", "notify-keyspace-events", "Ex$");
  await sub.psubscribe("__keyevent@0__:*");
  const events = gather(sub, "pmessage", 2);
  await pub.set("brief", "v", "PX", 50);
  assert.deepEqual((await events).map(([, channel, key]) => [channel, key]), [["__keyevent@0__:set", "brief"], ["__keyevent@0__:expired", "brief"]]);

  // Cut off, the client comes back and subscribes again by itself.
  const back = new Promise((resolve) => sub.once("ready", resolve));
  await pub.client("KILL", "SKIPME", "yes");
  await back;
  while ((await pub.publish("weather", "again")) === 0) await new Promise((resolve) => setTimeout(resolve, 5));

  sub.disconnect();

  const brief = new Redis(options);
  await brief.subscribe("a", "b");
  assert.equal(await brief.unsubscribe("a"), 1);
  assert.equal(await brief.unsubscribe(), 0);
  assert.equal(await brief.get("nosuch"), null);
  brief.disconnect();
  pub.disconnect();
  console.log("all good");
}

main().catch((err) => {
  console.error(err);
  process.exit(1);
});
