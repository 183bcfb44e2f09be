// The npm client "memcached-elasticache" finds the nodes of a cluster, and notices when there is one more: at most its share of the keys
// moves. Arguments: the ports of the nodes, the last of which joins later. Prints "all good" at the end.
"use strict";
const assert = require("node:assert");
const net = require("node:net");
const { once } = require("node:events");
const { promisify } = require("node:util");
const Client = require("memcached-elasticache");

const ports = process.argv.slice(2);
const words = (list) => list.map((p) => `127.0.0.1|127.0.0.1|${p}`).join(" ");

// tell changes the list of one node, as whoever runs a cluster would.
async function tell(port, version, list) {
  const data = `${version}\n${words(list)}\n`;
  const socket = net.connect(Number(port), "127.0.0.1");
  socket.write(`config set cluster 0 ${data.length}\r\n${data}\r\n`);
  const [reply] = await once(socket, "data");
  socket.destroy();
  assert.equal(reply.toString(), "STORED\r\n");
}

async function main() {
  const before = ports.slice(0, -1);
  const client = new Client(`127.0.0.1:${ports[0]}`, { autoDiscoverInterval: 200, timeout: 10000, retries: 0 });
  client.on("autoDiscoverFailure", (e) => {
    throw e;
  });
  const call = (name, ...args) => promisify(client[name].bind(client))(...args);
  const [found] = await once(client, "autoDiscover");
  assert.deepEqual(found, before.map((p) => `127.0.0.1:${p}`).sort());

  const keys = Array.from({ length: 3000 }, (_, i) => `user:${i}`);
  // The client has ten connections to a node, and refuses what they cannot take.
  for (let i = 0; i < keys.length; i += 8) await Promise.all(keys.slice(i, i + 8).map((k) => call("set", k, "of " + k, 0)));
  await tell(ports[0], 2, ports);
  const [grown] = await once(client, "autoDiscover");
  assert.equal(grown.length, ports.length);
  const got = await call("getMulti", keys);
  for (const k of Object.keys(got)) assert.equal(got[k], "of " + k);
  const kept = Object.keys(got).length;
  const moved = 1 - kept / keys.length;
  assert.ok(moved > 0.05 && moved < 1 / ports.length + 0.1, `${moved} of the keys moved`);
  client.end();
  console.log("all good");
  process.exit(0); // the connections of the first ring stay open for a while
}

main().catch((e) => {
  console.error(e);
  process.exit(1);
});
