// The messages of WiziTime with two versions of the Phoenix client.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import * as phoenix18 from "phoenix";
import * as phoenix17 from "phoenix-1-7";
import { Device, ok, refused } from "./device.js";
import { start, stop } from "./events.js";
import { Server } from "./server.js";

const TIMEOUT_MS = 30_000;

for (const [name, phoenix] of [["1.8.16", phoenix18], ["1.7.21", phoenix17]]) {
  describe(`messages with phoenix ${name}`, { timeout: 4 * TIMEOUT_MS }, () => {
    let server;
    const devices = [];
    const rule = (title, run) => test(title, { timeout: TIMEOUT_MS }, run);
    const joined = async (account) => {
      const device = await Device.joined(phoenix, server, account);
      devices.push(device);
      return device;
    };

    before(async () => {
      server = await Server.start();
    });
    after(async () => {
      await Promise.all(devices.map((device) => device.close()));
      await server.remove();
    });

    rule("a join is answered with epoch, cursor, time and limits", async () => {
      const account = await server.account();
      assert.equal(account.channel, `users:${account.user_id}`);
      const { reply } = await joined(account);
      assert.match(reply.epoch, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      assert.equal(reply.cursor, 0);
      assert.ok(Math.abs(reply.server_time - Date.now()) < 60_000);
      assert.deepEqual(reply.limits, { events: 500, bytes: 524288, page: 1000 });
      assert.equal(typeof reply.server_version, "string");
    });

    rule("events are appended once", async () => {
      const device = await joined(await server.account());
      const entry = randomUUID();
      const events = [start(entry, 1_000), stop(entry, 2_000)];
      assert.deepEqual(await ok(device.bulk(...events)), { cursor: 2, superseded: [] });
      assert.deepEqual(await ok(device.bulk(...events)), { cursor: 2, superseded: [] });
      const late = stop(entry, 9_000);
      assert.deepEqual(await ok(device.bulk(late)), {
        cursor: 3,
        superseded: [{ id: late.id, code: "already_stopped" }],
      });
      const page = await ok(device.latest());
      assert.equal(page.time_entries.length, 1);
      assert.deepEqual(page.time_entries[0].stop, { at: 2_000, by: "explicit" });
      assert.equal(page.time_entries[0].description, "Büro 🕰");
    });

    rule("a batch with an invalid event is rejected as a whole", async () => {
      const device = await joined(await server.account());
      const [entry, unknown] = [randomUUID(), randomUUID()];
      const wrong = stop(unknown, 2_000);
      const answer = await refused(device.bulk(start(entry, 1_000), wrong));
      assert.equal(answer.reason, "rejected");
      assert.equal(answer.index, 1);
      assert.equal(answer.id, wrong.id);
      assert.equal(answer.code, "unknown_entity");
      assert.equal(typeof answer.message, "string");
      const page = await ok(device.latest());
      assert.deepEqual(page.time_entries, []);
      assert.equal(page.cursor, 0);
    });

    rule("a rejection lists the events of the batch that are in the log", async () => {
      const device = await joined(await server.account());
      const entry = randomUUID();
      const [known, wrong] = [start(entry, 1_000), stop(randomUUID(), 2_000)];
      const first = await refused(device.bulk(known, wrong));
      assert.equal("accepted" in first, false, "nothing is in the log");
      await ok(device.bulk(known));
      const answer = await refused(device.bulk(wrong, known, stop(entry, 2_000)));
      assert.equal(answer.id, wrong.id);
      assert.deepEqual(answer.accepted, [known.id]);
    });

    rule("changes are sent in pages", async () => {
      const device = await joined(await server.account());
      const entries = Array.from({ length: 5 }, () => randomUUID());
      await ok(device.bulk(...entries.flatMap((id, i) => [start(id, i), stop(id, i)])));
      const { epoch } = device.reply;
      const seen = [];
      let page = { cursor: 0, more: true };
      let pages = 0;
      while (page.more) {
        page = await ok(device.latest({ epoch, since: page.cursor, limit: 2 }));
        seen.push(...page.time_entries.map((entry) => entry.id));
        pages += 1;
      }
      assert.deepEqual(seen, entries);
      assert.equal(pages, 3);
      assert.equal(page.cursor, 10);
      const rest = await ok(device.latest({ epoch, since: 10 }));
      assert.deepEqual(rest.time_entries, []);
      const other = await ok(device.latest({ epoch: randomUUID(), since: 10 }));
      assert.equal(other.time_entries.length, 5, "another epoch is answered from the beginning");
    });

    rule("a change is broadcast to the user's sockets before the reply", async () => {
      const account = await server.account();
      const [one, two] = [await joined(account), await joined(account)];
      const stranger = await joined(await server.account());
      await ok(one.bulk(start(randomUUID(), 1_000)));
      assert.equal(one.broadcasts.size, 1, "the broadcast came before the reply");
      assert.equal((await one.broadcasts.take()).cursor, 1);
      assert.equal((await two.broadcasts.take()).cursor, 1);
      await ok(stranger.push("ping", { sent_at: Date.now() }));
      assert.equal(stranger.broadcasts.size, 0, "another user receives nothing");
    });

    rule("ping is answered with the time", async () => {
      const device = await joined(await server.account());
      const { server_time } = await ok(device.push("ping", { sent_at: Date.now() }));
      assert.ok(Math.abs(server_time - Date.now()) < 60_000);
    });

    rule("malformed pushes are answered with an error", async () => {
      const device = await joined(await server.account());
      assert.equal((await refused(device.push("START_CLOCK", {}))).reason, "unknown_event");
      assert.equal((await refused(device.push("BULK_EVENT", { event: 1 }))).reason, "malformed");
      assert.equal((await refused(device.push("BULK_EVENT", null))).reason, "malformed");
      const many = Array.from({ length: 501 }, () => stop(randomUUID(), 1));
      assert.equal((await refused(device.bulk(...many))).reason, "too_large");
      const answer = await refused(device.bulk({ ...stop(randomUUID(), 1), v: 99 }));
      assert.equal(answer.code, "unsupported_version");
    });

    rule("the client rejoins after a restart of the server", async () => {
      const account = await server.account();
      const device = await joined(account);
      const entry = randomUUID();
      await ok(device.bulk(start(entry, 1_000)));
      await server.end();
      assert.equal((await device.closes.take()).code, 1012);
      await server.run();
      const reply = await device.joins.take();
      assert.equal(reply.epoch, device.reply.epoch);
      assert.equal(reply.cursor, 1);
      assert.deepEqual(await ok(device.bulk(stop(entry, 2_000))), { cursor: 2, superseded: [] });
    });
  });
}
