// A tab of the app, controlled through accessible roles and names.
import { TIMEOUT_MS, until } from "./until.js";

const DAY_MS = 86_400_000;

export class Screen {
  constructor(page, device) {
    Object.assign(this, { page, device });
    page.setDefaultTimeout(TIMEOUT_MS);
    this.what = page.getByRole("textbox", { name: "What are you working on?" });
    this.startButton = page.getByRole("button", { name: "Start", exact: true });
    this.stopButton = page.getByRole("button", { name: "Stop", exact: true });
    this.list = page.getByRole("region", { name: "Time entries" });
    this.rows = this.list.getByRole("article");
    this.badge = page.getByRole("button", { name: /^Sync:/ });
    this.toast = page.getByRole("status");
  }

  async goto(url) {
    await this.page.goto(url, { waitUntil: "domcontentloaded" });
    await this.ready();
  }

  async reload() {
    await this.page.reload({ waitUntil: "domcontentloaded" });
    await this.ready();
  }

  /** Waits until the app has replaced the static shell. */
  async ready() {
    await this.page.locator("body[data-ready=true]").waitFor();
  }

  async start(description) {
    if (description !== undefined) await this.what.fill(description);
    await this.startButton.click();
    await this.stopButton.waitFor();
  }

  async stop() {
    await this.stopButton.click();
    await this.startButton.waitFor();
  }

  /** Starts and stops the timer. */
  async track(description) {
    await this.start(description);
    await this.stop();
  }

  /** Adds an entry manually; `day` (2026-10-25), `end` and `duration` are optional. */
  async add({ description, day, start, end, duration }) {
    await this.page.getByRole("button", { name: "Add manually" }).click();
    const form = this.page.getByRole("form", { name: "Add manually" });
    await form.getByRole("textbox", { name: "Description" }).fill(description);
    if (day) await form.getByLabel("Day").fill(day);
    await form.getByRole("textbox", { name: "Start time" }).fill(start);
    if (end) await form.getByRole("textbox", { name: "End time" }).fill(end);
    if (duration) await form.getByRole("textbox", { name: "Duration" }).fill(duration);
    await form.getByRole("button", { name: "Save entry" }).click();
    return form;
  }

  /** The device's date in `days` days, as 2026-10-25. */
  async day(days) {
    return this.page.evaluate((shift) => {
      const date = new Date(Date.now() + shift);
      const parts = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
      return parts.map((part) => String(part).padStart(2, "0")).join("-");
    }, days * DAY_MS);
  }

  /** The total of the day whose heading contains a text such as "Today" or "October 25". */
  async dayTotal(text) {
    const head = this.list.locator("header").filter({ hasText: text });
    return (await head.locator(".day__total").innerText()).match(/[\d:]+/)[0];
  }

  /** The entries in the list, top to bottom. */
  async entries() {
    // In one evaluation: a row that is removed in between would be waited for.
    return this.rows.evaluateAll(readRows);
  }

  /** Waits for exactly one row with this description. */
  async row(description, options) {
    const at = await until(
      `one row "${description}" on ${this.device.name}`,
      async () => {
        const found = indexesOf(await this.entries(), description);
        return found.length === 1 ? { index: found[0] } : undefined;
      },
      { ...options, seen: () => this.descriptions() },
    );
    return new Row(this.rows.nth(at.index));
  }

  async descriptions() {
    return (await this.entries()).map((entry) => entry.description);
  }

  /** Waits until the list shows exactly these descriptions, in any order. */
  async shows(descriptions, options) {
    const wanted = JSON.stringify([...descriptions].sort());
    await until(
      `${this.device.name} shows ${wanted}`,
      async () => JSON.stringify((await this.descriptions()).sort()) === wanted,
      { ...options, seen: () => this.descriptions() },
    );
  }

  /** Waits for a text of the sync badge. */
  async says(status, options) {
    const matches = (text) => (status instanceof RegExp ? status.test(text) : text === status);
    await until(
      `${this.device.name}'s badge says ${status}`,
      async () => matches(await this.badgeText()),
      { ...options, seen: () => this.badgeText() },
    );
  }

  /** The text of the badge without "Sync: ". */
  async badgeText() {
    const name = (await this.badge.getAttribute("aria-label")) ?? (await this.badge.innerText());
    return name.replace(/^Sync:\s*/, "").trim();
  }

  async saved(options) {
    await this.says(/^Saved$/, options);
  }

  /** Waits for a page title such as "0:00:05 description". */
  async titled(pattern, options) {
    await until(
      `${this.device.name}'s title matches ${pattern}`,
      async () => pattern.test(await this.page.title()),
      { ...options, seen: () => this.page.title() },
    );
  }

  async openSync() {
    await this.badge.click();
    const dialog = this.page.getByRole("dialog", { name: "Sync" });
    await dialog.waitFor();
    return dialog;
  }

  async openAccount() {
    await this.page.getByRole("button", { name: "Account" }).click();
    const dialog = this.page.getByRole("dialog", { name: "Account" });
    await dialog.waitFor();
    return dialog;
  }

  async signUp(account) {
    await this.#enter(account, "Create account");
  }

  async signIn(account) {
    await this.#enter(account, "Sign in");
  }

  async closeDialog() {
    await this.page.keyboard.press("Escape");
    await this.page.getByRole("dialog").waitFor({ state: "hidden" });
    // Its entry in the history goes a moment later.
    await this.page.waitForFunction(() => history.state !== "dialog");
  }

  /** The app's entries in localStorage: `[[key, value]]`, sorted by key. */
  async stored(prefix = "wizi.") {
    const all = await this.page.evaluate(() => Object.entries(localStorage));
    return all.filter(([key]) => key.startsWith(prefix)).sort();
  }

  async #enter({ email, password }, button) {
    const dialog = await this.openAccount();
    await dialog.getByRole("textbox", { name: "Email" }).fill(email);
    await dialog.getByLabel("Password").fill(password);
    await dialog.getByRole("button", { name: button }).click();
    await this.saved();
    if (await dialog.isVisible()) await this.closeDialog();
  }
}

/** An entry in the list. */
export class Row {
  constructor(locator) {
    this.locator = locator;
    this.description = locator.getByRole("textbox", { name: "Description" });
    this.startTime = locator.getByRole("textbox", { name: "Start time" });
    this.endTime = locator.getByRole("textbox", { name: "End time" });
    this.continueButton = locator.getByRole("button", { name: "Continue" });
    this.deleteButton = locator.getByRole("button", { name: "Delete" });
  }

  async read() {
    const [row] = await this.locator.evaluateAll(readRows);
    return row;
  }

  /** Fills a field and leaves it. */
  async edit(field, text) {
    await field.fill(text);
    await field.press("Enter");
    await field.blur();
  }

  /** Opens the project menu and finds or creates a project. */
  async chooseProject(name, current = "No project") {
    await this.locator.getByRole("button", { name: current }).click();
    const page = this.locator.page();
    const search = page.getByRole("textbox", { name: "Find or create a project" });
    await search.fill(name);
    await search.press("Enter");
    await this.locator.getByRole("button", { name }).waitFor();
  }
}

function indexesOf(entries, description) {
  return entries.flatMap((entry, index) => (entry.description === description ? [index] : []));
}

/** Runs in the page: the fields of each row; null for a field that a row does not have. */
function readRows(rows) {
  return rows.map((row) => {
    const value = (name) => row.querySelector(`input[aria-label="${name}"]`)?.value ?? null;
    return {
      description: value("Description"),
      start: value("Start time"),
      end: value("End time"),
    };
  });
}
