// The account page: devices, password, download and deletion.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { newAccount, signIn } from "../harness/account.js";
import { breaches } from "../harness/breaches.js";
import { until } from "../harness/until.js";
import { story } from "../harness/world.js";

/** The page, from the link in the account dialog, with the list of devices. */
async function accountPage({ page }) {
  await page.getByRole("button", { name: "Account" }).click();
  await page.getByRole("link", { name: "Devices, password, download, deletion" }).click();
  await page.getByRole("heading", { name: "Your account", exact: true }).waitFor();
  await page.getByText("This device", { exact: true }).waitFor();
  return page;
}

const devices = (page) => page.getByRole("region", { name: "Where you are signed in" });
const deviceNames = (page) => devices(page).locator("li b").allTextContents();

story("a device is signed out from the account page", async (world) => {
  const { screens: [onLaptop, onPhone] } = await world.pair();
  const page = await accountPage(onLaptop);
  assert.equal((await deviceNames(page)).length, 2);
  await devices(page).getByRole("button", { name: /^Sign out: Device/ }).click();
  await page.getByText("is signed out. What it had not sent yet stays on it.").waitFor();
  assert.deepEqual(await deviceNames(page), ["This device"]);
  const dialog = await onPhone.openAccount();
  await dialog.getByText("Your sign-in has ended.").waitFor();
});

story("every device is signed out, and what they track is kept", async (world) => {
  const account = newAccount();
  const [, screen] = await world.signedIn("laptop", account, { isNew: true });
  await screen.track("Kept");
  await screen.saved();
  const page = await accountPage(screen);
  await devices(page).getByRole("button", { name: "Sign out everywhere" }).click();
  await page.getByText("You are signed out on all of your devices").waitFor();
  await page.getByRole("link", { name: "Timer" }).click();
  await screen.shows(["Kept"]);
  await screen.says("Sign in to sync");
});

story("the password is changed, and the old one no longer signs in", async (world) => {
  const account = newAccount();
  const [, screen] = await world.signedIn("laptop", account, { isNew: true });
  const page = await accountPage(screen);
  const form = page.getByRole("form", { name: "Change your password" });
  await form.getByLabel("New password").fill("another horse 8");
  await form.getByRole("button").click();
  await form.getByText("Type the password that you have now.").waitFor();
  await form.getByLabel("Password now").fill("not it, I think");
  await form.getByRole("button").click();
  await form.getByText("The password is not right.").waitFor();
  await form.getByLabel("Password now").fill(account.password);
  await form.getByRole("button").click();
  await form.getByText("Your password is changed.").waitFor();
  assert.equal(await form.getByLabel("New password").inputValue(), "");
  await assert.rejects(signIn(world.server, account), /401/);
  await signIn(world.server, { ...account, password: "another horse 8" });
});

story("everything is downloaded, and then the account is deleted", async (world) => {
  const account = newAccount();
  const [, screen] = await world.signedIn("laptop", account, { isNew: true });
  await screen.track("Answering letters");
  await world.serverHolds(account, ["Answering letters"]);
  const page = await accountPage(screen);
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click();
  const download = await downloading;
  const lines = (await readFile(await download.path(), "utf8")).trim().split("\n").map(JSON.parse);
  assert.deepEqual(lines[0].account.email, account.email);
  const entries = lines.flatMap((line) => line.time_entry ?? []);
  assert.deepEqual(entries.map((entry) => entry.description), ["Answering letters"]);

  const form = page.getByRole("form", { name: "Delete your account" });
  await form.getByLabel("Password").fill(account.password);
  await form.getByRole("button").click();
  await form.getByText("Tick the box if you really want this.").waitFor();
  await form.getByRole("checkbox").check();
  await form.getByRole("button").click();
  await page.getByText("Your account is deleted").waitFor();
  await assert.rejects(signIn(world.server, account), /401/);
  await page.getByRole("link", { name: "Timer" }).click();
  await screen.shows(["Answering letters"]);
});

story("a guest signs in from the account page and stays on it", async (world) => {
  const device = await world.device("laptop");
  const screen = await device.open("/account");
  await screen.page.getByText("You are not signed in.").waitFor();
  await screen.page.getByRole("link", { name: "Sign in" }).click();
  const { email, password } = newAccount();
  const dialog = screen.page.getByRole("dialog", { name: "Account" });
  await dialog.getByRole("textbox", { name: "Email" }).fill(email);
  await dialog.getByLabel("Password").fill(password);
  await dialog.getByRole("button", { name: "Create account" }).click();
  await screen.saved();
  await screen.closeDialog();
  await until("the device is listed", async () => (await deviceNames(screen.page)).length === 1);
  assert.equal(new URL(screen.page.url()).search, "");
});

story("the account page says that it needs the network, and recovers", async (world) => {
  const account = newAccount();
  const [laptop, screen] = await world.signedIn("laptop", account, { isNew: true });
  await laptop.readyForOffline(screen);
  await laptop.goOffline();
  await screen.goto(`${laptop.url}/account`);
  await screen.page.getByText("You are offline.").waitFor();
  await devices(screen.page).getByText("The server cannot be reached.").waitFor();
  await laptop.goOnline();
  await screen.page.getByText("This device", { exact: true }).waitFor();
  assert.equal(await screen.page.getByText("You are offline.").count(), 0);
});

for (const colorScheme of ["light", "dark"]) {
  story(`the account page is accessible, in ${colorScheme}`, async (world) => {
    const account = newAccount();
    const options = { isNew: true, width: 360, height: 740 };
    const [, screen] = await world.signedIn("phone", account, options);
    const page = await accountPage(screen);
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await breaches(page), []);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 360, `${width} px wide`);
  });
}
