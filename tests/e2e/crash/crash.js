// Kills browsers and ends pages while they record, opens the same profile again, and counts lost
// entries that were shown as saved. Run by `cargo xtask crash --trials N`.
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Server } from "../harness/server.js";
import { Summary } from "./summary.js";
import { KINDS, trial } from "./trial.js";

const TRIALS = Number(process.env.WIZI_TRIALS);
/** Concurrent trials. */
const CONCURRENCY = 6;

const folder = await mkdtemp(join(tmpdir(), "wizitime-crash-"));
const server = new Server({
  database: join(folder, "wizitime.db"),
  app: process.env.WIZITIME_APP,
});
await server.start();
const summary = new Summary();
try {
  const waiting = KINDS.flatMap(({ kind, share }) =>
    Array.from({ length: Math.max(1, Math.round(TRIALS * share)) }, () => kind),
  ).map((kind, number) => ({ kind, number }));
  const total = waiting.length;
  let done = 0;
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const profile = join(folder, `profile-${next.number}`);
      const outcome = await trial({ ...next, profile, server, copy: copyWithoutIndexedDb });
      summary.add(outcome);
      done += 1;
      console.log(`${done}/${total} ${summary.line(outcome)}`);
      await rm(profile, { recursive: true, force: true });
      await rm(`${profile}-local`, { recursive: true, force: true });
    }
  };
  // After a failure the other workers finish their trial and start no more.
  const stopping = (error) => {
    waiting.length = 0;
    throw error;
  };
  const ends = await Promise.allSettled(
    Array.from({ length: CONCURRENCY }, () => worker().catch(stopping)),
  );
  const failed = ends.find(({ status }) => status === "rejected");
  if (failed) throw failed.reason;
} finally {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}
console.log(summary.table());
process.exitCode = summary.isClean() ? 0 : 1;

/** A copy of the profile with localStorage only. */
async function copyWithoutIndexedDb(profile) {
  const copy = `${profile}-local`;
  await cp(profile, copy, { recursive: true, filter: (path) => !/Singleton|IndexedDB/.test(path) });
  return copy;
}
