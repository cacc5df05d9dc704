// A trial: records entries quickly, ends the page or browser, and checks what is left.
import { newAccount, serverState } from "../harness/account.js";
import { Device } from "../harness/device.js";
import { Proxy } from "../harness/proxy.js";

/** Longest time of recording. */
const BURST_MS = 30_000;

/** Ways to end a browser or page, with their share of the trials. */
export const KINDS = [
  { kind: "kill", share: 1 },
  { kind: "renderer", share: 0.1 },
  { kind: "close", share: 0.1 },
  { kind: "reload", share: 0.1 },
  { kind: "leave", share: 0.1 },
];

/** How to end the browser or page. */
const ENDS = {
  kill: (device) => device.kill(),
  renderer: (_device, page) => page.goto("chrome://crash").catch(() => {}),
  close: (_device, page) => page.close(),
  reload: (_device, page) => page.reload(),
  leave: (_device, page) => page.goto("about:blank"),
};

export async function trial({ kind, number, profile, server, copy }) {
  const account = newAccount();
  const proxy = new Proxy(() => server.port);
  await proxy.start();
  const device = new Device({ name: `trial ${number}`, profile, url: proxy.url });
  try {
    const screen = await device.startAndOpen();
    await screen.signUp(account);
    // Every second trial is offline: only the device has the data.
    const isOffline = number % 2 === 1;
    if (isOffline) proxy.cut();
    const after_ms = 500 + Math.random() * (BURST_MS - 500);
    const end = new Promise((resolve) => setTimeout(resolve, after_ms));
    const burst = new Burst(screen);
    const working = burst.work(end);
    await end;
    await ENDS[kind](device, screen.page);
    await working;
    proxy.heal();
    const before = await held(server, account);
    let lostWithoutIndexedDb;
    if (kind === "kill") {
      lostWithoutIndexedDb = await lostInCopy(await copy(profile), proxy, burst.saved, before);
      await device.start();
    }
    const again = await device.open();
    if (/^Saved on this device$/.test(await again.badgeText())) await again.signIn(account);
    await again.saved({ boundMs: 60_000 });
    const after = await held(server, account);
    return {
      kind,
      number,
      after_ms,
      saved: burst.saved.length,
      lost: burst.saved.filter((name) => !after.includes(name)),
      twice: after.filter((name, index) => after.indexOf(name) !== index),
      lostWithoutIndexedDb,
    };
  } finally {
    await device.kill();
    await proxy.stop();
  }
}

/** Records entries as fast as possible and collects those shown as saved. */
class Burst {
  saved = [];
  #screen;
  #made = [];
  #isOver = false;

  constructor(screen) {
    this.#screen = screen;
  }

  async work(end) {
    end.then(() => {
      this.#isOver = true;
    });
    try {
      while (!this.#isOver) {
        const name = `Entry ${this.#made.length + 1}`;
        await this.#screen.start(name);
        this.#made.push(name);
        await this.#look();
        await this.#screen.stop();
        await this.#look();
      }
    } catch (error) {
      // Expected if the page ended during a click.
      if (!this.#isOver) throw error;
    }
  }

  async #look() {
    const badge = await this.#screen.badgeText();
    // After a reload the badge describes the loaded data.
    if (this.#isOver) return;
    if (/^Saved|everything is saved/.test(badge)) this.saved = [...this.#made];
  }
}

/** Descriptions on the server. */
async function held(server, account) {
  const { time_entries, removed } = await serverState(server, account);
  return [...time_entries, ...removed].map((entry) => entry.description);
}

/** Number of saved entries that neither the server nor localStorage has. */
async function lostInCopy(profile, proxy, saved, held) {
  const device = new Device({ name: "copy", profile, url: proxy.url });
  try {
    await device.start();
    const page = await device.context.newPage();
    // Same origin, without the app, which would change the storage.
    await page.goto(new URL("/icon.svg", proxy.url).href);
    const texts = await page.evaluate(() => Object.values(localStorage));
    const stored = texts.map((text) => /"description":"([^"]*)"/.exec(text)?.[1]);
    return saved.filter((name) => !held.includes(name) && !stored.includes(name)).length;
  } finally {
    await device.kill();
  }
}
