// Several tabs of one profile: all record and show the same data, the leader sends.
import { newAccount } from "../harness/account.js";
import { story } from "../harness/world.js";

/** Time limit for electing a new leader. */
const ELECTION_MS_MAX = 10_000;
const TABS = 8;

story("a frozen leader is replaced, and is harmless when it resumes", async (world) => {
  const account = newAccount();
  const [laptop, first] = await world.signedIn("laptop", account, { isNew: true });
  const second = await laptop.open();
  await second.saved();
  // The page stops at its next task, as at a breakpoint.
  const debug = await laptop.context.newCDPSession(first.page);
  await debug.send("Debugger.enable");
  await debug.send("Debugger.pause");
  await second.track("While it is frozen");
  await second.saved({ boundMs: ELECTION_MS_MAX });
  await world.serverHolds(account, ["While it is frozen"]);

  await debug.send("Debugger.disable");
  await first.shows(["While it is frozen"]);
  await first.track("And it goes on");
  for (const screen of [first, second]) await screen.saved();
  await world.serverHolds(account, ["While it is frozen", "And it goes on"]);
});

story("eight tabs show the same, with and without a network", async (world) => {
  const account = newAccount();
  const [laptop, first] = await world.signedIn("laptop", account, { isNew: true });
  const screens = [first];
  while (screens.length < TABS) screens.push(await laptop.open());
  laptop.proxy.cut();
  const names = screens.map((_, index) => `From tab ${index + 1}`);
  for (const [index, screen] of screens.entries()) {
    // Background pages render once a second, and clicks wait for that.
    await screen.page.bringToFront();
    await screen.add({ description: names[index], start: "9:00", end: "9:30" });
  }
  for (const screen of screens) await screen.shows(names);
  laptop.proxy.heal();
  for (const screen of screens) await screen.saved();
  await world.serverHolds(account, names);
});
