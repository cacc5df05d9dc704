// A browser with a profile of its own: a device, which can be switched off and on again.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";
import { Screen } from "./screen.js";
import { until, within } from "./until.js";

/** How long the browser may take to start or to end, in milliseconds. */
const TURN_MS = 30_000;

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-extensions",
  "--no-first-run",
  "--no-default-browser-check",
  "--no-proxy-server",
  "--password-store=basic",
  "--remote-debugging-port=0",
  // Several tabs are watched at once; none of them may be slowed down for being behind another.
  "--disable-background-timer-throttling",
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
];

/** Messages that a story about a broken network provokes. */
const NETWORK_NOISE = /net::ERR_|WebSocket connection to|Failed to load resource|WebSocket/;

export class Device {
  #process;
  #browser;
  #context;
  #isOffline = false;
  /** What went wrong inside the pages: uncaught errors, broken rules of the security policy. */
  problems = [];

  /** `zone` is the device's time zone; without one it is around noon there. */
  constructor({ name, profile, url, width = 1100, height = 900, zone = zoneAtNoon() }) {
    Object.assign(this, { name, profile, url, zone, size: { width, height } });
  }

  /** Switches it on, with what its profile remembers. */
  async start() {
    const program = process.env.CHROMIUM ?? "chromium";
    const args = [...FLAGS, `--user-data-dir=${this.profile}`, "about:blank"];
    // A group of its own, so that all of the browser's processes can be ended at once.
    const env = { ...process.env, TZ: this.zone, LANG: "en_US.UTF-8" };
    const options = { stdio: ["ignore", "ignore", "pipe"], detached: true, env };
    this.#process = spawn(program, args, options);
    this.#browser = await chromium.connectOverCDP(await debugger_(this.#process), {
      timeout: TURN_MS,
    });
    [this.#context] = this.#browser.contexts();
    if (this.#isOffline) await this.#context.setOffline(true);
  }

  /** Opens the app in a tab and waits until it can be used. */
  async open(path = "/") {
    const page = await this.#context.newPage();
    this.#watch(page);
    await page.setViewportSize(this.size);
    const screen = new Screen(page, this);
    await screen.goto(new URL(path, this.url).href);
    return screen;
  }

  /** Starts the browser if it is off, and opens the app. */
  async startAndOpen(path) {
    await this.start();
    return this.open(path);
  }

  /** Closes the browser as a person does. */
  async close() {
    const exit = this.#exit();
    const session = await this.#browser.newBrowserCDPSession();
    // The answer may not come any more.
    await Promise.race([session.send("Browser.close").catch(() => {}), exit]);
    await within("the browser closes", exit, TURN_MS);
    this.#process = undefined;
  }

  /** Ends the browser as an empty battery does. */
  async kill() {
    if (!this.#process) return;
    const exit = this.#exit();
    signalGroup(this.#process, "SIGKILL");
    await within("the browser is gone", exit, TURN_MS);
    this.#process = undefined;
  }

  /** Browser-level network emulation: flight mode. */
  async goOffline() {
    this.#isOffline = true;
    await this.#context.setOffline(true);
  }

  async goOnline() {
    this.#isOffline = false;
    await this.#context.setOffline(false);
  }

  /** Waits until a service worker serves this origin, so that the app can start offline. */
  async readyForOffline(screen) {
    await until("the service worker is active", () =>
      screen.page.evaluate(async () => {
        const registration = await navigator.serviceWorker.getRegistration();
        return registration?.active?.state === "activated";
      }),
    );
  }

  get context() {
    return this.#context;
  }

  #watch(page) {
    page.on("pageerror", (error) => this.problems.push(`${this.name}: ${error.message}`));
    page.on("console", (message) => {
      const text = message.text();
      if (message.type() !== "error" || NETWORK_NOISE.test(text)) return;
      this.problems.push(`${this.name}: ${text}`);
    });
  }

  #exit() {
    const child = this.#process;
    if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return once(child, "exit");
  }
}

/** Stories happen around noon, so that no midnight falls into them by chance. */
function zoneAtNoon() {
  const hoursToNoon = 12 - new Date().getUTCHours();
  // POSIX counts the other way round: Etc/GMT-3 is three hours ahead.
  const sign = hoursToNoon < 0 ? "+" : "-";
  return `Etc/GMT${sign}${Math.abs(hoursToNoon)}`;
}

async function debugger_(child) {
  const lines = createInterface({ input: child.stderr });
  const said = [];
  const found = new Promise((resolve, fail) => {
    lines.on("line", (line) => {
      said.push(line);
      const match = /^DevTools listening on (ws:\S+)/.exec(line);
      if (match) resolve(match[1]);
    });
    child.once("error", fail);
    child.once("exit", (code) => {
      fail(new Error(`Chromium ended with ${code}: ${said.join("\n")}`));
    });
  });
  return within("Chromium starts", found, TURN_MS);
}

function signalGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // Gone already.
    if (error.code !== "ESRCH") throw error;
  }
}
