// BullMQ: workers that take, retry, delay and finish jobs, by scripts, blocking pops and streams of events. Prints "all good" at the end.
"use strict";
const assert = require("node:assert");
const { Queue, Worker, QueueEvents, FlowProducer } = require("bullmq");

async function main() {
  const connection = { host: "127.0.0.1", port: Number(process.argv[2]), maxRetriesPerRequest: null };
  const queue = new Queue("letters", { connection });
  const events = new QueueEvents("letters", { connection });
  await queue.waitUntilReady();
  await events.waitUntilReady();

  const seen = [];
  let failures = 0;
  const worker = new Worker("letters", async (job) => {
    if (job.name === "flaky" && job.attemptsMade < 2) {
      failures++;
      throw new Error("not yet");
    }
    await job.updateProgress(50);
    seen.push(job.name + ":" + job.data.n);
    return { doubled: job.data.n * 2 };
  }, { connection, concurrency: 5 });
  await worker.waitUntilReady();

  const jobs = await queue.addBulk([...Array(50).keys()].map((n) => ({ name: "plain", data: { n } })));
  const results = await Promise.all(jobs.map((job) => job.waitUntilFinished(events, 30000)));
  results.forEach((r, n) => assert.equal(r.doubled, 2 * n));

  const flaky = await queue.add("flaky", { n: 7 }, { attempts: 3, backoff: { type: "fixed", delay: 20 } });
  assert.equal((await flaky.waitUntilFinished(events, 30000)).doubled, 14);
  assert.equal(failures, 2);

  const before = Date.now();
  const late = await queue.add("late", { n: 1 }, { delay: 300 });
  await late.waitUntilFinished(events, 30000);
  assert.ok(Date.now() - before >= 290, "delayed job came early");

  const urgent = await queue.add("prio", { n: 3 }, { priority: 1 });
  await urgent.waitUntilFinished(events, 30000);
  await queue.add("gone", { n: 1 }, { jobId: "only-once", delay: 60000 });
  await queue.add("gone", { n: 2 }, { jobId: "only-once", delay: 60000 });
  assert.equal((await queue.getJob("only-once")).data.n, 1);
  await (await queue.getJob("only-once")).remove();
  assert.equal(await queue.getJob("only-once"), undefined);

  const parentWorker = new Worker("parents", async (job) => Object.values(await job.getChildrenValues()).reduce((a, v) => a + v.doubled, 0), { connection });
  const parentEvents = new QueueEvents("parents", { connection });
  await parentEvents.waitUntilReady();
  const flow = new FlowProducer({ connection });
  const tree = await flow.add({ name: "sum", queueName: "parents", children: [1, 2, 3].map((n) => ({ name: "child", data: { n }, queueName: "letters" })) });
  assert.equal(await tree.job.waitUntilFinished(parentEvents, 30000), 12);

  const counts = await queue.getJobCounts("completed", "failed", "delayed", "active", "wait");
  assert.deepEqual(counts, { completed: 56, failed: 0, delayed: 0, active: 0, wait: 0 });
  await queue.obliterate({ force: true });
  for (const x of [worker, parentWorker, events, parentEvents, flow, queue]) await x.close();
  console.log("all good");
  process.exit(0);
}

main().catch((e) => {
  console.error(e);
  process.exit(1);
});
