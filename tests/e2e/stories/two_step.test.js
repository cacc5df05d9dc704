// Two-step sign-in: an authenticator app, and recovery codes.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { newAccount, post, signIn } from "../harness/account.js";
import { Authenticator } from "../harness/authenticator.js";
import { breaches } from "../harness/breaches.js";
import { story } from "../harness/world.js";

/** A code that is never right. */
const WRONG = "ZZZZ-ZZZZ-ZZZZ-ZZZZ";

const card = (page) => page.getByRole("region", { name: "Two-step sign-in" });

/** The card on the account page of a device that is signed in. */
async function twoStepCard(device, screen) {
  await screen.goto(`${device.url}/account`);
  const found = card(screen.page);
  await found.waitFor();
  return found;
}

/** Turns two-step sign-in on; returns the app, and the recovery codes that are still shown. */
async function enrol(form, account) {
  await form.getByLabel("Password").fill(account.password);
  await form.getByRole("button", { name: "Turn on" }).click();
  const app = new Authenticator(await form.locator("code").innerText());
  await form.getByLabel("Code of the app").fill(app.code());
  await form.getByRole("button", { name: "Confirm" }).click();
  await form.getByText("they are not shown again").waitFor();
  return { app, recoveryCodes: await form.getByRole("listitem").allInnerTexts() };
}

/** The dialog of another device, after the password was entered and the code is asked for. */
async function passwordEntered(world, name, account, options) {
  const device = await world.device(name, options);
  const screen = await device.open();
  const dialog = await screen.openAccount();
  await dialog.getByRole("textbox", { name: "Email" }).fill(account.email);
  await dialog.getByLabel("Password").fill(account.password);
  await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
  const code = dialog.getByLabel("Code", { exact: true });
  await code.waitFor();
  return { screen, dialog, code };
}

/** The keyboard of a phone has letters for the field, which recovery codes need. */
async function acceptsLetters(field) {
  assert.equal(await field.getAttribute("inputmode"), null);
  assert.equal(await field.getAttribute("autocapitalize"), "characters");
}

story("two-step sign-in is turned on, and another device signs in with a code", async (world) => {
  const account = newAccount();
  const [laptop, onLaptop] = await world.signedIn("laptop", account, { isNew: true });
  const form = await twoStepCard(laptop, onLaptop);
  await form.getByRole("button", { name: "Turn on" }).click();
  await form.getByText("Type your password.").waitFor();
  await form.getByLabel("Password").fill("not it, I think");
  await form.getByRole("button", { name: "Turn on" }).click();
  await form.getByText("The password is not right.").waitFor();
  await form.getByLabel("Password").fill(account.password);
  await form.getByRole("button", { name: "Turn on" }).click();
  await form.getByRole("img", { name: "QR code of the key" }).locator("svg path").first().waitFor();
  const key = await form.locator("code").innerText();
  const uri = await form.getByRole("link", { name: "Open in an app" }).getAttribute("href");
  assert.ok(uri.startsWith("otpauth://totp/WiziTime:"), uri);
  assert.equal(new URL(uri).searchParams.get("secret"), key.replaceAll(" ", ""));
  const app = new Authenticator(key);
  const code = form.getByLabel("Code of the app");
  assert.ok(await code.evaluate((field) => field === document.activeElement));
  await code.fill("12345");
  await code.press("Enter");
  await form.getByText("The code is not right").waitFor();
  await code.fill(app.code());
  await code.press("Enter");
  await form.getByText("they are not shown again").waitFor();
  assert.equal(await form.getByRole("listitem").count(), 10);
  await form.getByRole("button", { name: "I have kept them" }).click();
  await form.getByText("10 recovery codes are left.").waitFor();
  await assert.rejects(signIn(world.server, account), /403/);

  const { screen, dialog, code: field } = await passwordEntered(world, "phone", account);
  assert.ok(await field.evaluate((it) => it === document.activeElement));
  assert.equal(await field.getAttribute("autocomplete"), "one-time-code");
  await acceptsLetters(field);
  assert.equal(await dialog.getByLabel("Password").inputValue(), account.password);
  await field.fill(WRONG);
  await field.press("Enter");
  await dialog.getByText("The code is not right").waitFor();
  assert.equal(await field.inputValue(), WRONG);
  await field.fill(app.code());
  await field.press("Enter");
  await screen.saved();
  const onPage = await twoStepCard(laptop, onLaptop);
  await onPage.getByText("10 recovery codes are left.").waitFor();
  const activity = onLaptop.page.getByRole("region", { name: "Recent activity" });
  await activity.getByText("Right password, wrong code").waitFor();
  await activity.getByText("Right password, code asked for").first().waitFor();
});

story("a recovery code signs in once, and turns two-step sign-in off", async (world) => {
  const account = newAccount();
  const [laptop, onLaptop] = await world.signedIn("laptop", account, { isNew: true });
  const form = await twoStepCard(laptop, onLaptop);
  const { recoveryCodes } = await enrol(form, account);
  await form.getByRole("button", { name: "I have kept them" }).click();
  const { screen, dialog, code } = await passwordEntered(world, "phone", account);
  await code.fill(recoveryCodes[0].toLowerCase());
  await code.press("Enter");
  await screen.saved();
  assert.equal(await dialog.getByLabel("Code", { exact: true }).count(), 0);

  const second = await passwordEntered(world, "tablet", account);
  await second.code.fill(recoveryCodes[0]);
  await second.code.press("Enter");
  await second.dialog.getByText("The code is not right, or was used already").waitFor();

  const card = await twoStepCard(laptop, onLaptop);
  await card.getByText("9 recovery codes are left.").waitFor();
  await card.getByLabel("Password").fill(account.password);
  await card.getByRole("button", { name: "Turn off" }).click();
  await card.getByText("Type the code.").waitFor();
  const codeField = card.getByLabel("Code, or recovery code");
  await acceptsLetters(codeField);
  await codeField.fill(recoveryCodes[1]);
  // Enter replaces no codes and turns nothing off.
  await codeField.press("Enter");
  await card.getByRole("button", { name: "Turn off" }).click();
  await card.getByText("Two-step sign-in is off.").waitFor();
  await signIn(world.server, account);
});

story("new recovery codes replace the old ones, and are copied", async (world) => {
  const account = newAccount();
  const [laptop, onLaptop] = await world.signedIn("laptop", account, { isNew: true });
  const form = await twoStepCard(laptop, onLaptop);
  const { app, recoveryCodes } = await enrol(form, account);
  await form.getByRole("button", { name: "I have kept them" }).click();
  await form.getByLabel("Password").fill(account.password);
  await form.getByLabel("Code, or recovery code").fill(app.code());
  await form.getByRole("button", { name: "New recovery codes" }).click();
  await form.getByText("they are not shown again").waitFor();
  const renewed = await form.getByRole("listitem").allInnerTexts();
  assert.equal(new Set([...recoveryCodes, ...renewed]).size, 20);
  await laptop.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await form.getByRole("button", { name: "Copy" }).click();
  await form.getByText("The codes are copied.").waitFor();
  const copied = await onLaptop.page.evaluate(() => navigator.clipboard.readText());
  assert.deepEqual(copied.split("\n"), renewed);

  await onLaptop.page.emulateMedia({ media: "print" });
  assert.ok(await form.getByText(renewed[0]).isVisible());
  assert.ok(!(await form.getByRole("button", { name: "Copy" }).isVisible()));
  await onLaptop.page.emulateMedia({ media: "screen" });
  const attempt = (code) => {
    return post(world.server, "sign_in", { ...account, code, device_id: randomUUID() });
  };
  assert.equal((await attempt(recoveryCodes[2])).body.error, "wrong_code");
  assert.equal((await attempt(renewed[2])).status, 200);
  const log = world.server.log();
  for (const secret of [...recoveryCodes, ...renewed]) assert.ok(!log.includes(secret));
});

story("a lost answer leaves the card in the state of the account", async (world) => {
  const account = newAccount();
  const [laptop, onLaptop] = await world.signedIn("laptop", account, { isNew: true });
  const form = await twoStepCard(laptop, onLaptop);
  const { page } = onLaptop;
  const turnOn = async () => {
    await form.getByLabel("Password").fill(account.password);
    await form.getByRole("button", { name: "Turn on" }).click();
    const app = new Authenticator(await form.locator("code").innerText());
    await form.getByLabel("Code of the app").fill(app.code());
    return app;
  };
  /** The server does what is asked once, and the answer is lost. */
  const loseAnswer = async (path) => {
    const lose = async (route) => {
      await route.fetch();
      await route.abort();
    };
    await page.route(`**/api/${path}`, lose, { times: 1 });
  };
  const lost = form.getByText("The server's answer was lost.");
  const unreachable = form.getByText("The server cannot be reached.");

  await loseAnswer("confirm_two_step");
  const app = await turnOn();
  await form.getByRole("button", { name: "Confirm" }).click();
  await form.getByText("10 recovery codes are left.").waitFor();
  await lost.waitFor();
  await form.getByLabel("Password").fill(account.password);
  await form.getByLabel("Code, or recovery code").fill(app.code());
  await loseAnswer("disable_two_step");
  await form.getByRole("button", { name: "Turn off" }).click();
  await form.getByRole("button", { name: "Turn on" }).waitFor();

  // Not even the state can be asked for, until the user cancels.
  await turnOn();
  await loseAnswer("confirm_two_step");
  await loseAnswer("two_step");
  await form.getByRole("button", { name: "Confirm" }).click();
  await unreachable.waitFor();
  await form.getByRole("button", { name: "Cancel" }).click();
  await form.getByText("10 recovery codes are left.").waitFor();
  assert.equal(await unreachable.count(), 0);
});

for (const colorScheme of ["light", "dark"]) {
  story(`two-step sign-in is accessible on a phone, in ${colorScheme}`, async (world) => {
    const account = newAccount();
    const size = { width: 360, height: 740 };
    const [phone, screen] = await world.signedIn("phone", account, { isNew: true, ...size });
    const { page } = screen;
    await page.emulateMedia({ colorScheme });
    const form = await twoStepCard(phone, screen);
    const check = async (page) => {
      assert.deepEqual(await breaches(page), []);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= size.width, `${width} px wide`);
    };
    await form.getByLabel("Password").fill(account.password);
    await form.getByRole("button", { name: "Turn on" }).click();
    await form.getByRole("button", { name: "Cancel" }).waitFor();
    await check(page);
    await form.getByRole("button", { name: "Cancel" }).click();
    await enrol(form, account);
    await check(page);
    await form.getByRole("button", { name: "I have kept them" }).click();
    await form.getByRole("button", { name: "Turn off" }).waitFor();
    await check(page);
    const other = await passwordEntered(world, "tablet", account, size);
    await other.screen.page.emulateMedia({ colorScheme });
    await check(other.screen.page);
  });
}
