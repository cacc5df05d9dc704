// Waiting for a condition, never for a time.
import { setTimeout as pause } from "node:timers/promises";

/** How long a condition may take unless a story says otherwise, in milliseconds. */
export const PATIENCE_MS = 15_000;

/** How often a condition is looked at, in milliseconds. */
const LOOK_AGAIN_MS = 20;

/**
 * Answers the first truthy value of `probe`. Fails after `boundMs`, saying `what` was awaited and
 * what was seen last. An error of the probe counts as "not yet".
 */
export async function until(what, probe, { boundMs = PATIENCE_MS, seen = () => undefined } = {}) {
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
    await pause(LOOK_AGAIN_MS);
  }
  const last = problem ?? (await seen());
  const detail = last === undefined ? "" : `; last seen: ${describe(last)}`;
  throw new Error(`not within ${boundMs} ms: ${what}${detail}`);
}

/** A promise that fails after `boundMs` if `promise` has not ended by then. */
export async function within(what, promise, boundMs = PATIENCE_MS) {
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
