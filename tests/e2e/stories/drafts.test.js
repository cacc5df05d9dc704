// Texts that are not submitted yet: what they belong to while other devices and tabs change things.
import assert from "node:assert/strict";
import { newAccount } from "../harness/account.js";
import { story } from "../harness/world.js";

story("text for the next entry is kept when another device starts one", async (world) => {
  const { account, screens } = await world.pair();
  const [a, b] = screens;
  await a.what.pressSequentially("Offer for Acme");
  await b.start("Meeting");
  await a.page.getByText("“Meeting” was started meanwhile").waitFor();
  await a.what.press("!");
  assert.equal(await a.what.inputValue(), "Offer for Acme!");
  await a.what.press("Enter");
  await a.titled(/Offer for Acme!/);
  await a.stop();
  await a.shows(["Meeting", "Offer for Acme!"]);
  await world.serverHolds(account, ["Meeting", "Offer for Acme!"]);
});

story("text for a running entry belongs to it when another one starts", async (world) => {
  const { account, screens } = await world.pair();
  const [a, b] = screens;
  await a.start("X");
  await b.titled(/X/);
  await a.what.fill("X with Bob");
  await b.what.fill("");
  await b.what.press("Escape");
  await b.stop();
  await b.start("Y");
  await a.page.getByText("an entry that has ended").waitFor();
  await a.page.keyboard.press("Tab");
  await world.serverHolds(account, ["X with Bob", "Y"]);
  await a.titled(/Y/);
  assert.equal(await a.what.inputValue(), "Y");
});

story("text for a running entry is kept when another tab stops the clock", async (world) => {
  const account = newAccount();
  const [laptop, first] = await world.signedIn("laptop", account, { isNew: true });
  const second = await laptop.open();
  await first.start("X");
  await second.titled(/X/);
  await first.what.fill("X with Bob");
  await second.stop();
  await first.startButton.waitFor();
  assert.equal(await first.what.inputValue(), "X with Bob");
  await first.what.press("Enter");
  await second.shows(["X with Bob"]);
});

story("drafts and choices of a user are gone after signing out", async (world) => {
  const [, screen] = await world.signedIn("laptop", newAccount(), { isNew: true });
  const page = screen.page;
  await page.getByRole("button", { name: "No project" }).click();
  await page.getByRole("textbox", { name: "Find or create a project" }).fill("Beta");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Beta" }).waitFor();
  await screen.what.fill("Secret plan");
  await screen.saved();
  const dialog = await screen.openAccount();
  await dialog.getByRole("button", { name: "Sign out" }).click();
  await dialog.getByRole("button", { name: "Create account" }).waitFor();
  await screen.closeDialog();
  await screen.signUp(newAccount());
  assert.equal(await screen.what.inputValue(), "");
  await page.getByRole("button", { name: "No project" }).waitFor();
  await screen.track("Mine");
  await screen.shows(["Mine"]);
});
