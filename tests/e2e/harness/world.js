// The environment of a story: one server and some devices, removed at its end.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { newAccount, serverState } from "./account.js";
import { Device } from "./device.js";
import { Proxy } from "./proxy.js";
import { Server } from "./server.js";
import { until } from "./until.js";

/** Time limit of a story. */
const STORY_MAX_MS = 180_000;

/** Defines a test with its own environment. */
export function story(name, run) {
  test(name, { timeout: STORY_MAX_MS }, async (context) => {
    const world = await World.create();
    try {
      await run(world);
      world.checkForProblems();
    } catch (error) {
      await world.keepEvidence(name, context);
      throw error;
    } finally {
      await world.end();
    }
  });
}

class World {
  #devices = [];
  #proxies = [];

  static async create() {
    const world = new World();
    world.folder = await mkdtemp(join(tmpdir(), "wizitime-e2e-"));
    world.server = new Server({
      database: join(world.folder, "wizitime.db"),
      app: appFolder(),
    });
    await world.server.start();
    return world;
  }

  /** A running device; `device.proxy` is its connection to the server. */
  async device(name, options = {}) {
    const proxy = new Proxy(() => this.server.port);
    await proxy.start();
    this.#proxies.push(proxy);
    const profile = join(this.folder, `profile-${name}`);
    const device = new Device({ name, profile, url: proxy.url, ...options });
    device.proxy = proxy;
    this.#devices.push(device);
    await device.start();
    return device;
  }

  /** A device that is signed in: `[device, screen]`. */
  async signedIn(name, account, { isNew = false, ...options } = {}) {
    const device = await this.device(name, options);
    const screen = await device.open();
    await (isNew ? screen.signUp(account) : screen.signIn(account));
    return [device, screen];
  }

  /** Two devices of one new account: `{ account, devices: [a, b], screens: [a, b] }`. */
  async pair() {
    const account = newAccount();
    const [laptop, onLaptop] = await this.signedIn("laptop", account, { isNew: true });
    const [phone, onPhone] = await this.signedIn("phone", account);
    return { account, devices: [laptop, phone], screens: [onLaptop, onPhone] };
  }

  /** Waits until the server has exactly these descriptions; returns its data. */
  async serverHolds(account, descriptions) {
    const wanted = JSON.stringify([...descriptions].sort());
    const held = (state) => state.time_entries.map((entry) => entry.description).sort();
    let state;
    await until(
      `the server holds ${wanted}`,
      async () => {
        state = await serverState(this.server, account);
        return JSON.stringify(held(state)) === wanted;
      },
      { seen: () => held(state) },
    );
    return state;
  }

  /** Fails if a page reported an error. */
  checkForProblems() {
    const problems = this.#devices.flatMap((device) => device.problems);
    if (problems.length > 0) throw new Error(`in the pages:\n${problems.join("\n")}`);
  }

  /** Saves screenshots in target/e2e and prints the end of the server's log. */
  async keepEvidence(name, context) {
    const folder = join(import.meta.dirname, "../../../target/e2e", name.replace(/\W+/g, "-"));
    await mkdir(folder, { recursive: true });
    for (const device of this.#devices) {
      for (const [index, page] of (device.context?.pages() ?? []).entries()) {
        const path = join(folder, `${device.name}-${index}.png`);
        // The page may be closed.
        await page.screenshot({ path, timeout: 5_000 }).catch(() => {});
      }
      for (const problem of device.problems) context.diagnostic(problem);
    }
    for (const line of this.server.log().split("\n").slice(-12)) context.diagnostic(line);
    context.diagnostic(`screenshots: ${folder}`);
  }

  async end() {
    await Promise.all(this.#devices.map((device) => device.kill()));
    await this.server.kill();
    await Promise.all(this.#proxies.map((proxy) => proxy.stop()));
    // A killed process may still be writing.
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The folder of the built app. */
export function appFolder() {
  const folder = process.env.WIZITIME_APP;
  if (!folder) throw new Error("WIZITIME_APP must name the built app; run `cargo xtask test`");
  return folder;
}
