// The program of the WiziTime server: its log, options and texts.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import * as phoenix18 from "phoenix";
import { Device, ok, refused } from "../device.js";
import { start, stop } from "../events.js";
import { Server } from "../server.js";

const TIMEOUT_MS = 30_000;

describe("WiziTime server: program", { timeout: TIMEOUT_MS }, () => {
  test("contains the events of a session and no secrets", async (t) => {
    const server = await Server.start({ WIZITIME_LOG: "debug" });
    t.after(() => server.remove());
    const account = await server.account();
    const device = await Device.joined(phoenix18, server, account);
    await ok(device.bulk(start(randomUUID(), 1_000)));
    await ok(device.push("ping", { sent_at: Date.now() }));
    await device.close();
    assert.equal((await server.post("/api/sign_out", {}, account.token)).status, 204);
    await server.end();
    await server.logged;
    const lines = server.log.split("\n");
    const line = (...words) => lines.findIndex((it) => words.every((word) => it.includes(word)));
    const committed = line("INFO", "BULK_EVENT committed", account.user_id, "cursor=1");
    const received = line("INFO", "push received", 'event="BULK_EVENT"', "payload_bytes=");
    assert.ok(committed >= 0 && received >= 0, server.log);
    assert.ok(line("DEBUG", "push received", 'event="ping"') >= 0, server.log);
    assert.ok(line("DEBUG", "frame received", "bytes=") >= 0, server.log);
    // Not even the debug log may contain user data.
    for (const secret of [account.token, "correct horse", "token=", "vsn=", "START_CLOCK"]) {
      assert.ok(!server.log.includes(secret), `${secret} is in the log`);
    }
  });

  test("reports every mistake in the configuration", async () => {
    const result = await Server.refused(["--listen", "here", "--log", "loud", "--port", "4000"]);
    assert.equal(result.code, 2);
    assert.equal(result.stdout, "");
    for (const part of ["--listen", "--log", "--port", "4000"]) {
      assert.ok(result.stderr.includes(part), result.stderr);
    }
  });

  test("does not contain a token from a subprotocol", async (t) => {
    const server = await Server.start();
    t.after(() => server.remove());
    const account = await server.account();
    const device = new Device(phoenix18, server, {}, { authToken: account.token });
    await device.connect();
    const channel = device.channel(account.channel);
    assert.equal((await ok(channel.join())).cursor, 0);
    await device.close();
    assert.ok(!server.log.includes(account.token));
  });

  test("rejections have a sentence for users", async (t) => {
    const server = await Server.start();
    t.after(() => server.remove());
    const device = await Device.joined(phoenix18, server, await server.account());
    const answer = await refused(device.bulk(stop(randomUUID(), 2_000)));
    assert.equal(answer.message, "This time entry does not exist.");
    assert.match(device.reply.epoch, /^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    await device.close();
    assert.deepEqual(await server.end(), [0, null]);
  });
});
