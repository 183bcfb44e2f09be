// bee-queue: a thousand jobs by two workers, with retries and progress. Prints "all good" at the end.
"use strict";
const assert = require("node:assert");
const Queue = require("bee-queue");

async function main() {
  const redis = { host: "127.0.0.1", port: Number(process.argv[2]) };
  const options = { redis, removeOnSuccess: false, activateDelayedJobs: true };
  const producer = new Queue("sums", { ...options, isWorker: false });
  const workers = [new Queue("sums", options), new Queue("sums", options)];
  const tries = new Map();
  let done = 0;
  for (const w of workers) {
    w.process(10, async (job) => {
      const n = (tries.get(job.id) || 0) + 1;
      tries.set(job.id, n);
      if (job.data.i % 100 === 0 && n === 1) throw new Error("first try fails");
      job.reportProgress(50);
      return job.data.i + 1;
    });
  }
  const finished = [];
  for (let i = 0; i < 300; i++) {
    const job = producer.createJob({ i }).retries(2);
    finished.push(new Promise((resolve, reject) => {
      job.on("succeeded", (r) => { done++; resolve(assert.equal(r, i + 1)); });
      job.on("failed", reject);
    }));
    await job.save();
  }
  await Promise.all(finished);
  assert.equal(done, 300);
  const delayed = producer.createJob({ i: 1 }).delayUntil(Date.now() + 250);
  const before = Date.now();
  const over = new Promise((resolve) => delayed.on("succeeded", resolve));
  await delayed.save();
  await over;
  assert.ok(Date.now() - before >= 240, "delayed job came early");
  const health = await producer.checkHealth();
  assert.equal(health.succeeded, 301);
  assert.equal(health.waiting + health.active + health.failed, 0);
  for (const q of [producer, ...workers]) await q.close();
  console.log("all good");
  process.exit(0);
}

main().catch((e) => {
  console.error(e);
  process.exit(1);
});
