// One trial: a burst of clicks, an end in the middle of it, and what is left.
import { newAccount, serverState } from "../harness/account.js";
import { Device } from "../harness/device.js";
import { Proxy } from "../harness/proxy.js";

/** The longest that a person works before the end comes. */
const BURST_MS = 30_000;

/** How a browser or a page ends, and how many of such trials there are for each one asked for. */
export const KINDS = [
  { kind: "kill", share: 1 },
  { kind: "renderer", share: 0.1 },
  { kind: "close", share: 0.1 },
  { kind: "reload", share: 0.1 },
  { kind: "leave", share: 0.1 },
];

/** What each kind does to the browser or the page. */
const ENDS = {
  kill: (device) => device.kill(),
  renderer: (_device, page) => page.goto("chrome://crash").catch(() => {}),
  close: (_device, page) => page.close(),
  reload: (_device, page) => page.reload(),
  leave: (_device, page) => page.goto("about:blank"),
};

export async function trial({ kind, number, profile, server, copy }) {
  const account = newAccount();
  const wire = new Proxy(() => server.port);
  await wire.start();
  const device = new Device({ name: `trial ${number}`, profile, url: wire.url });
  try {
    const screen = await device.startAndOpen();
    await screen.signUp(account);
    // Every second one works without a network: then only this device has what is recorded.
    const isOffline = number % 2 === 1;
    if (isOffline) wire.cut();
    const after_ms = 500 + Math.random() * (BURST_MS - 500);
    const end = new Promise((resolve) => setTimeout(resolve, after_ms));
    const burst = new Burst(screen);
    const working = burst.work(end);
    await end;
    await ENDS[kind](device, screen.page);
    await working;
    wire.mend();
    const before = await held(server, account);
    let lostWithoutMirror;
    if (kind === "kill") {
      lostWithoutMirror = await lostInCopy(await copy(profile), wire, burst.saved, before);
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
      lostWithoutMirror,
    };
  } finally {
    await device.kill();
    await wire.stop();
  }
}

/** Clicks as fast as the page takes them; notes what the badge calls saved. */
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
      // The end came in the middle of a click.
      if (!this.#isOver) throw error;
    }
  }

  async #look() {
    const badge = await this.#screen.badgeText();
    // A page that was reloaded speaks of what it found, not of what was typed before.
    if (this.#isOver) return;
    if (/^Saved|everything is saved/.test(badge)) this.saved = [...this.#made];
  }
}

/** The descriptions that the server holds, one for each entry. */
async function held(server, account) {
  const { time_entries, removed } = await serverState(server, account);
  return [...time_entries, ...removed].map((entry) => entry.description);
}

/** How many of the saved entries neither the server nor localStorage has. */
async function lostInCopy(profile, wire, saved, held) {
  const device = new Device({ name: "copy", profile, url: wire.url });
  try {
    await device.start();
    const page = await device.context.newPage();
    // Of the same origin, but without the app, which would change what is there.
    await page.goto(new URL("/icon.svg", wire.url).href);
    const texts = await page.evaluate(() => Object.values(localStorage));
    const stored = texts.map((text) => /"description":"([^"]*)"/.exec(text)?.[1]);
    return saved.filter((name) => !held.includes(name) && !stored.includes(name)).length;
  } finally {
    await device.kill();
  }
}
