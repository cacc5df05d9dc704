// A device: a browser with its own profile.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";
import { Screen } from "./screen.js";
import { until, within } from "./until.js";

/** Time limit for starting and stopping the browser. */
const START_MS_MAX = 30_000;

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
  // Background tabs must not be throttled.
  "--disable-background-timer-throttling",
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
];

/** Console messages expected with a faulty network. */
const NETWORK_NOISE = /net::ERR_|WebSocket connection to|Failed to load resource|WebSocket/;

export class Device {
  #process;
  #browser;
  #context;
  #isOffline = false;
  /** Uncaught errors and console errors of the pages. */
  problems = [];

  /** `zone` is the time zone; by default one where it is around noon. */
  constructor({ name, profile, url, width = 1100, height = 900, zone = zoneAtNoon() }) {
    Object.assign(this, { name, profile, url, zone, size: { width, height } });
  }

  /** Starts the browser with its profile. */
  async start() {
    const program = process.env.CHROMIUM ?? "chromium";
    const args = [...FLAGS, `--user-data-dir=${this.profile}`, "about:blank"];
    // A process group, so that all processes of the browser can be killed at once.
    const env = { ...process.env, TZ: this.zone, LANG: "en_US.UTF-8" };
    const options = { stdio: ["ignore", "ignore", "pipe"], detached: true, env };
    this.#process = spawn(program, args, options);
    this.#browser = await chromium.connectOverCDP(await debuggerUrl(this.#process), {
      timeout: START_MS_MAX,
    });
    [this.#context] = this.#browser.contexts();
    if (this.#isOffline) await this.#context.setOffline(true);
  }

  /** Opens the app in a tab and waits until it is ready. */
  async open(path = "/") {
    const page = await this.#context.newPage();
    this.#watch(page);
    await page.setViewportSize(this.size);
    const screen = new Screen(page, this);
    await screen.goto(new URL(path, this.url).href);
    return screen;
  }

  /**
   * Opens the app in a context of its own, as a new profile; `options` are Playwright's, such as
   * `timezoneId` and `locale`.
   */
  async openIn(options) {
    const context = await this.#browser.newContext({ viewport: this.size, ...options });
    const page = await context.newPage();
    this.#watch(page);
    const screen = new Screen(page, this);
    await screen.goto(new URL("/", this.url).href);
    return screen;
  }

  /** Starts the browser and opens the app. */
  async startAndOpen(path) {
    await this.start();
    return this.open(path);
  }

  /** Closes the browser. */
  async close() {
    const exit = this.#exit();
    const session = await this.#browser.newBrowserCDPSession();
    // The browser may exit before it answers.
    await Promise.race([session.send("Browser.close").catch(() => {}), exit]);
    await within("the browser closes", exit, START_MS_MAX);
    this.#process = undefined;
  }

  /** Kills the browser. */
  async kill() {
    if (!this.#process) return;
    const exit = this.#exit();
    signalGroup(this.#process, "SIGKILL");
    await within("the browser is gone", exit, START_MS_MAX);
    this.#process = undefined;
  }

  /** Emulates offline mode. */
  async goOffline() {
    this.#isOffline = true;
    await this.#context.setOffline(true);
  }

  async goOnline() {
    this.#isOffline = false;
    await this.#context.setOffline(false);
  }

  /** Waits until the service worker is active, so that the app can start offline. */
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

/** A zone where it is around noon, so that no test runs across midnight. */
function zoneAtNoon() {
  const hoursToNoon = 12 - new Date().getUTCHours();
  // The sign of POSIX zones is inverted: Etc/GMT-3 is three hours ahead.
  const sign = hoursToNoon < 0 ? "+" : "-";
  return `Etc/GMT${sign}${Math.abs(hoursToNoon)}`;
}

async function debuggerUrl(child) {
  const lines = createInterface({ input: child.stderr });
  const output = [];
  const found = new Promise((resolve, fail) => {
    lines.on("line", (line) => {
      output.push(line);
      const match = /^DevTools listening on (ws:\S+)/.exec(line);
      if (match) resolve(match[1]);
    });
    child.once("error", fail);
    child.once("exit", (code) => {
      fail(new Error(`Chromium ended with ${code}: ${output.join("\n")}`));
    });
  });
  return within("Chromium starts", found, START_MS_MAX);
}

function signalGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // The process has exited already.
    if (error.code !== "ESRCH") throw error;
  }
}
