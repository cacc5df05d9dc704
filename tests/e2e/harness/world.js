// A story's world: one server, some devices, and everything removed when the story ends.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { newAccount, serverState } from "./account.js";
import { Device } from "./device.js";
import { Proxy } from "./proxy.js";
import { Server } from "./server.js";
import { until } from "./until.js";

/** How long one story may take, in milliseconds. */
const STORY_MAX_MS = 180_000;

/** Tells a story: a named test with a world of its own. */
export function story(name, tell) {
  test(name, { timeout: STORY_MAX_MS }, async (context) => {
    const world = await World.create();
    try {
      await tell(world);
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

  /** A switched-on device whose tab shows the app; `device.wire` is its way to the server. */
  async device(name, options = {}) {
    const wire = new Proxy(() => this.server.port);
    await wire.start();
    this.#proxies.push(wire);
    const profile = join(this.folder, `profile-${name}`);
    const device = new Device({ name, profile, url: wire.url, ...options });
    device.wire = wire;
    this.#devices.push(device);
    await device.start();
    return device;
  }

  /** A device with the app open and signed in: `[device, screen]`. */
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

  /** Waits until the server holds exactly these descriptions, each once; answers its state. */
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

  /** A story that went well must not have broken anything unseen. */
  checkForProblems() {
    const problems = this.#devices.flatMap((device) => device.problems);
    if (problems.length > 0) throw new Error(`in the pages:\n${problems.join("\n")}`);
  }

  /** Screenshots and the server's log of a story that failed, in target/e2e. */
  async keepEvidence(name, context) {
    const folder = join(import.meta.dirname, "../../../target/e2e", name.replace(/\W+/g, "-"));
    await mkdir(folder, { recursive: true });
    for (const device of this.#devices) {
      for (const [index, page] of (device.context?.pages() ?? []).entries()) {
        const path = join(folder, `${device.name}-${index}.png`);
        // The page may be gone, which is no news beside the failure itself.
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
    // A process that was killed may still be writing for a moment.
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The built app. */
export function appFolder() {
  const folder = process.env.WIZITIME_APP;
  if (!folder) throw new Error("WIZITIME_APP must name the built app; run `cargo xtask test`");
  return folder;
}
