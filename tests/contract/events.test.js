// Rules about events and requests of docs/PROTOCOL.md, sections 4 to 6.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import * as phoenix from "phoenix";
import { Device, ok, refused } from "./device.js";
import { event, start, stop } from "./events.js";
import { Server } from "./server.js";

const TIMEOUT_MS = 30_000;
const EVENT_BYTES_MAX = 16_384;

describe("events", { timeout: 10 * TIMEOUT_MS }, () => {
  let server;
  const devices = [];
  const rule = (title, run) => {
    test(title, { timeout: TIMEOUT_MS }, async () => {
      const device = await Device.joined(phoenix, server, await server.account());
      devices.push(device);
      await run(device);
    });
  };
  before(async () => {
    server = await Server.start();
  });
  after(async () => {
    await Promise.all(devices.map((device) => device.close()));
    await server.remove();
  });

  /** An event with other fields. */
  const changed = (event, envelope, payload = {}) => {
    return { ...event, ...envelope, event: { ...event.event, ...payload } };
  };
  const project = (project_id, name = "Project") => {
    return event("CREATE_PROJECT", {
      project_id, name, color: "teal", client_id: null, billable: false,
    });
  };
  /** The code and index with which a batch is rejected. */
  const rejection = async (device, ...events) => {
    const { reason, code, index } = await refused(device.bulk(...events));
    assert.equal(reason, "rejected");
    return [code, index];
  };
  const at = 1_700_000_000_000;

  rule("ids have one form", async (device) => {
    const id = randomUUID();
    for (const other of [id.toUpperCase(), id.replaceAll("-", ""), `{${id}}`, `urn:uuid:${id}`]) {
      for (const field of ["id", "device_id", "writer_id"]) {
        const event = changed(start(randomUUID(), at), { [field]: other });
        assert.deepEqual(await rejection(device, event), ["malformed", 0], `${field}: ${other}`);
      }
      assert.deepEqual(await rejection(device, start(other, at)), ["malformed", 0], other);
    }
  });

  rule("v is 1: 0 is malformed, a newer one unsupported", async (device) => {
    for (const [v, code] of [
      [0, "malformed"],
      [-1, "malformed"],
      ["1", "malformed"],
      [null, "malformed"],
      [2, "unsupported_version"],
      [65_536, "unsupported_version"],
    ]) {
      const event = changed(start(randomUUID(), at), { v });
      assert.deepEqual(await rejection(device, event), [code, 0], `${v}`);
    }
    // A newer version is reported whatever else the event contains.
    const newer = changed(start("no id", at), { v: 2, event_type: "FLY" });
    assert.deepEqual(await rejection(device, newer), ["unsupported_version", 0]);
  });

  rule("zones of unknown areas are refused", async (device) => {
    for (const zone of ["Mars/Olympus", "utc", "CEST", "europe/berlin"]) {
      const event = changed(start(randomUUID(), at), { zone });
      assert.deepEqual(await rejection(device, event), ["unknown_zone", 0], zone);
    }
    for (const zone of ["UTC", "Etc/GMT+5", "America/Argentina/Buenos_Aires"]) {
      await ok(device.bulk(changed(start(randomUUID(), at), { zone })));
    }
  });

  rule("a clock starts at most a day ahead of the server", async (device) => {
    const hour_ms = 3_600_000;
    const late = start(randomUUID(), Date.now() + 25 * hour_ms);
    assert.deepEqual(await rejection(device, late), ["start_in_future", 0]);
    await ok(device.bulk(start(randomUUID(), Date.now() + 23 * hour_ms)));
  });

  rule("a name has a visible character and at most 200", async (device) => {
    for (const name of ["", " \t", "\u200b", "\ufeff\u2060", "\u3164"]) {
      const code = ["name_missing", 0];
      assert.deepEqual(await rejection(device, project(randomUUID(), name)), code);
    }
    // Characters are Unicode scalar values: one here, but two units of UTF-16.
    await ok(device.bulk(project(randomUUID(), "🕰".repeat(200))));
    const long = project(randomUUID(), "e\u0301".repeat(101));
    assert.deepEqual(await rejection(device, long), ["too_long", 0]);
    const page = await ok(device.latest());
    assert.equal(page.projects[0].name, "🕰".repeat(200));
  });

  rule("an entry has a task only with its project", async (device) => {
    const [own, other, task] = [randomUUID(), randomUUID(), randomUUID()];
    const create = event("CREATE_TASK", { task_id: task, project_id: own, name: "Task" });
    await ok(device.bulk(project(own), project(other), create));
    const entry = randomUUID();
    const fields = (project_id, task_id) => ({ project_id, task_id });
    for (const project_id of [other, null]) {
      const wrong = changed(start(entry, at), {}, fields(project_id, task));
      assert.deepEqual(await rejection(device, wrong), ["task_of_other_project", 0]);
    }
    await ok(device.bulk(changed(start(entry, at), {}, fields(own, task))));
    const update = (changes) => event("UPDATE_TIME_ENTRY", { time_entry_id: entry, changes });
    const moved = update(fields(other, task));
    assert.deepEqual(await rejection(device, moved), ["task_of_other_project", 0]);
    await ok(device.bulk(update(fields(other, null))));
  });

  rule("an event of more than 16,384 bytes is malformed", async (device) => {
    const plain = start(randomUUID(), at);
    const bytes = (event) => Buffer.byteLength(JSON.stringify(event));
    const padded = (length) => {
      const event = { ...plain, padding: "" };
      return { ...event, padding: "x".repeat(length - bytes(event)) };
    };
    assert.deepEqual(await rejection(device, padded(EVENT_BYTES_MAX + 1)), ["malformed", 0]);
    // The unknown field of the envelope is ignored.
    await ok(device.bulk(padded(EVENT_BYTES_MAX)));
  });

  rule("an unknown field of a payload is malformed", async (device) => {
    const event = changed(start(randomUUID(), at), {}, { mood: "good" });
    assert.deepEqual(await rejection(device, event), ["malformed", 0]);
  });

  rule("the form of all events is checked before the effect of any", async (device) => {
    const unknown = stop(randomUUID(), at);
    const malformed = changed(start(randomUUID(), at), { v: 0 });
    assert.deepEqual(await rejection(device, unknown, malformed), ["malformed", 1]);
    assert.deepEqual(await rejection(device, unknown), ["unknown_entity", 0]);
  });

  rule("the first of several faults decides the code", async (device) => {
    const entry = randomUUID();
    await ok(device.bulk(start(entry, at)));
    const description = "x".repeat(3_001);
    const project_id = randomUUID();
    const again = changed(start(entry, at), {}, { project_id, description });
    assert.deepEqual(await rejection(device, again), ["already_exists", 0]);
    const another = changed(start(randomUUID(), at), {}, { project_id, description });
    assert.deepEqual(await rejection(device, another), ["unknown_entity", 0]);
    const long = changed(start(randomUUID(), at), { zone: "Mars/Olympus" }, { description });
    assert.deepEqual(await rejection(device, long), ["too_long", 0]);
  });

  rule("tag_ids is a set", async (device) => {
    const tags = [randomUUID(), randomUUID()].sort();
    const create = (tag_id) => event("CREATE_TAG", { tag_id, name: "Tag" });
    const tag_ids = Array.from({ length: 60 }, (_, index) => tags[1 - (index % 2)]);
    await ok(device.bulk(...tags.map(create), changed(start(randomUUID(), at), {}, { tag_ids })));
    const page = await ok(device.latest());
    assert.deepEqual(page.time_entries[0].tag_ids, tags);
  });

  rule("the new entry of a split has the zone of the other", async (device) => {
    const [time_entry_id, new_time_entry_id] = [randomUUID(), randomUUID()];
    const split = event("SPLIT_TIME_ENTRY", {
      time_entry_id, new_time_entry_id, split_at: at + 1_000,
    });
    await ok(device.bulk(start(time_entry_id, at), { ...split, zone: "Asia/Tokyo" }));
    const page = await ok(device.latest());
    assert.deepEqual(page.time_entries.map((entry) => entry.zone), Array(2).fill("Europe/Berlin"));
  });

  rule("an empty batch is accepted", async (device) => {
    assert.deepEqual(await ok(device.bulk()), { cursor: 0, superseded: [] });
  });

  rule("a limit of 0 is 1, a negative number is malformed", async (device) => {
    await ok(device.bulk(start(randomUUID(), at), start(randomUUID(), at + 1)));
    const page = await ok(device.latest({ limit: 0 }));
    assert.equal(page.cursor, 2, "the second event changed both entries");
    for (const request of [{ limit: -1 }, { since: -1 }, { limit: "1" }, { limit: null }]) {
      const { reason } = await refused(device.latest(request));
      assert.equal(reason, "malformed", JSON.stringify(request));
    }
  });

  rule("any payload of a ping is answered", async (device) => {
    for (const payload of [{}, [], null, { sent_at: -1 }, "now"]) {
      assert.ok(Number.isInteger((await ok(device.push("ping", payload))).server_time));
    }
  });
});
