// A web application that keeps its sessions in the server: express with express-session and connect-redis. Prints "all good" at the end.
"use strict";
const assert = require("node:assert");
const express = require("express");
const session = require("express-session");
const RedisStore = require("connect-redis").default;
const { createClient } = require("redis");

async function main() {
  const client = createClient({ url: `redis://127.0.0.1:${process.argv[2]}/6` });
  await client.connect();
  await client.flushDb();
  const app = express();
  const store = new RedisStore({ client, prefix: "shop:", ttl: 600 });
  app.use(session({ store, secret: "for this test only", resave: false, saveUninitialized: false }));
  app.get("/view", (req, res) => {
    req.session.views = (req.session.views || 0) + 1;
    res.json({ views: req.session.views });
  });
  app.get("/out", (req, res) => req.session.destroy(() => res.json({})));
  const server = app.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const base = `http://127.0.0.1:${server.address().port}`;
  const get = async (path, cookie) => {
    const res = await fetch(base + path, { headers: cookie ? { cookie } : {} });
    return { body: await res.json(), cookie: (res.headers.get("set-cookie") || "").split(";")[0] };
  };

  const first = await get("/view");
  assert.equal(first.body.views, 1);
  assert.ok(first.cookie);
  for (let i = 2; i <= 5; i++) assert.equal((await get("/view", first.cookie)).body.views, i);
  assert.equal((await get("/view")).body.views, 1); // somebody else
  const keys = await client.keys("shop:*");
  assert.equal(keys.length, 2);
  for (const key of keys) {
    const ttl = await client.ttl(key);
    assert.ok(ttl > 590 && ttl <= 600, `ttl ${ttl}`);
  }
  const counted = await new Promise((resolve, reject) => store.length((err, n) => (err ? reject(err) : resolve(n))));
  assert.equal(counted, 2);
  await get("/out", first.cookie);
  assert.equal((await client.keys("shop:*")).length, 1);
  await new Promise((resolve, reject) => store.clear((err) => (err ? reject(err) : resolve())));
  assert.equal(await client.dbSize(), 0);
  server.closeAllConnections();
  server.close();
  await client.quit();
  console.log("all good");
}

main().catch((e) => {
  console.error(e);
  process.exit(1);
});
