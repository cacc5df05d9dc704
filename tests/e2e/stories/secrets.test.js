// Tokens are in no URL, because URLs are logged.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { newAccount, post } from "../harness/account.js";
import { until } from "../harness/until.js";
import { story } from "../harness/world.js";

const SOCKET_TOKEN = "/api/socket_token";

/** Collects the URLs of all requests and sockets. */
function watch(page) {
  const seen = { requests: [], sockets: [] };
  page.on("request", (request) => seen.requests.push(request.url()));
  page.on("websocket", (socket) => seen.sockets.push(socket.url()));
  return seen;
}

/** No URL contains a token. */
async function checkUrls(screen, { requests, sockets }) {
  const [session] = await screen.page.evaluate(() => [localStorage.getItem("wizi.session")]);
  const { token } = JSON.parse(session);
  assert.ok(token.length > 40);
  for (const url of [...requests, ...sockets]) {
    assert.ok(!url.includes(token) && !url.includes("token="), url);
  }
}

story("no URL contains a token", async (world) => {
  const account = newAccount();
  const device = await world.device("laptop");
  const screen = await device.open();
  const seen = watch(screen.page);
  await screen.signUp(account);
  await screen.track("Secret");
  await world.serverHolds(account, ["Secret"]);
  const before = seen.sockets.length;
  await world.server.stop();
  await world.server.start();
  await until("it is connected again", () => seen.sockets.length > before);
  await screen.track("Another");
  await world.serverHolds(account, ["Secret", "Another"]);
  await checkUrls(screen, seen);
  const asked = seen.requests.filter((url) => url.endsWith(SOCKET_TOKEN));
  assert.ok(asked.length >= 2, `each socket has a token of its own: ${asked.length}`);
});

story("a server without socket tokens gets the session token", async (world) => {
  const account = newAccount();
  const device = await world.device("laptop");
  const screen = await device.open();
  const seen = watch(screen.page);
  await screen.page.route(`**${SOCKET_TOKEN}`, (route) => route.fulfill({ status: 404 }));
  await screen.signUp(account);
  await screen.track("On Phoenix");
  await world.serverHolds(account, ["On Phoenix"]);
  const [url] = seen.sockets;
  assert.match(url, /[?&]token=[^&]{40}/, "as every Phoenix understands it");
});

story("the token of an embedding page is sent as a parameter", async (world) => {
  const account = newAccount();
  const { body } = await post(world.server, "sign_up", { ...account, device_id: randomUUID() });
  const device = await world.device("laptop");
  await device.context.addInitScript(({ token, channel }) => {
    Object.assign(window, { userToken: token, userChannel: channel });
  }, body);
  const screen = await device.open();
  const seen = watch(screen.page);
  await screen.page.reload();
  await screen.track("Hosted");
  await world.serverHolds(account, ["Hosted"]);
  const [url] = seen.sockets;
  assert.ok(url.includes(`token=${encodeURIComponent(body.token)}`), url);
  assert.ok(!seen.requests.some((url) => url.endsWith(SOCKET_TOKEN)), "it may be a Phoenix");
});

story("a missing or refused socket token is requested again", async (world) => {
  const account = newAccount();
  const device = await world.device("laptop");
  const screen = await device.open();
  const seen = watch(screen.page);
  let asked = 0;
  await screen.page.route(`**${SOCKET_TOKEN}`, async (route) => {
    asked += 1;
    // The first request is never answered.
    if (asked === 2) await route.abort();
    if (asked === 3) await route.fulfill({ status: 503, body: "{}" });
    if (asked > 3) await route.continue();
  });
  await screen.signUp(account);
  await screen.track("Late");
  await world.serverHolds(account, ["Late"]);
  assert.ok(asked > 3, `it asked ${asked} times`);
  assert.equal(seen.sockets.length, 1, "no socket was opened without a token");
});
