// Waiting for conditions.
import { setTimeout as pause } from "node:timers/promises";

/** Default time limit. */
export const TIMEOUT_MS = 15_000;

/** Polling interval. */
const POLL_MS = 20;

/**
 * Resolves with the first truthy value of `probe`. Fails after `boundMs` with a message that names
 * `what` and the last value of `seen`. An error of the probe counts as falsy.
 */
export async function until(what, probe, { boundMs = TIMEOUT_MS, seen = () => undefined } = {}) {
  const deadline = performance.now() + boundMs;
  let problem;
  for (;;) {
    try {
      const value = await probe();
      if (value) return value;
      problem = undefined;
    } catch (error) {
      problem = error;
    }
    if (performance.now() > deadline) break;
    await pause(POLL_MS);
  }
  const last = problem ?? (await seen());
  const detail = last === undefined ? "" : `; last seen: ${describe(last)}`;
  throw new Error(`not within ${boundMs} ms: ${what}${detail}`);
}

/** Rejects if `promise` has not settled after `boundMs`. */
export async function within(what, promise, boundMs = TIMEOUT_MS) {
  let timer;
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error(`not within ${boundMs} ms: ${what}`)), boundMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function describe(value) {
  return value instanceof Error ? value.message : JSON.stringify(value);
}
