// Channels: heartbeat, join, push and leave.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { JOIN_PARAMS, isAlive, join, rules } from "./fixture.js";
import { closed, reply, unmatched } from "./raw_socket.js";

rules("channels", (rule) => {
  rule("§3.1 §6", "a heartbeat is answered, with and without channels", async (fixture) => {
    const socket = await fixture.socket();
    socket.send([null, "1", "phoenix", "heartbeat", {}]);
    await socket.expect(...reply(null, "1", "phoenix", "ok", {}));
    const joined = await fixture.joined();
    joined.send([null, "2", "phoenix", "heartbeat", {}]);
    await joined.expect(...reply(null, "2", "phoenix", "ok", {}));
  });

  rule("§2 §3.1", "a heartbeat with a join_ref is answered with null", async (fixture) => {
    const socket = await fixture.joined();
    socket.send(["1", "2", "phoenix", "heartbeat", {}]);
    await socket.expect(...reply(null, "2", "phoenix", "ok", {}));
  });

  rule("§3.1", "any other event on the topic phoenix is unmatched", async (fixture) => {
    const socket = await fixture.socket();
    for (const event of ["phx_join", "phx_reply", "Heartbeat", ""]) {
      socket.send(["1", "1", "phoenix", event, JOIN_PARAMS]);
      await socket.expect(...unmatched("1", "phoenix"));
    }
  });

  rule("§3.2", "a join is answered with its own refs", async (fixture) => {
    const account = await fixture.account();
    const socket = await fixture.socket(account);
    socket.send(["j", 7, account.channel, "phx_join", JOIN_PARAMS]);
    const frame = await socket.frame();
    assert.deepEqual(frame, reply("j", 7, account.channel, "ok", frame[4].response));
    for (const field of ["cursor", "epoch", "limits", "server_time", "server_version"]) {
      assert.ok(field in frame[4].response, field);
    }
    await socket.expectNothing();
  });

  rule("§2 §3.2 §6", "an unknown topic is unmatched, with join_ref null", async (fixture) => {
    const socket = await fixture.socket();
    for (const topic of ["rooms:1", "users", "", "Users:1", "xusers:1", "users "]) {
      socket.send(["1", "2", topic, "phx_join", JOIN_PARAMS]);
      await socket.expect(...unmatched("2", topic));
    }
  });

  rule("§3.2", "users:* is a prefix; the channel checks the rest", async (fixture) => {
    const socket = await fixture.socket();
    for (const topic of ["users:", "users:1", "users:*", `users:${randomUUID()}`]) {
      socket.send(["1", "2", topic, "phx_join", JOIN_PARAMS]);
      await socket.expect(...reply("1", "2", topic, "error", { reason: "unauthorized" }));
    }
  });

  rule("§3.2", "a rejected join has a reason and creates no channel", async (fixture) => {
    const [account, other] = [await fixture.account(), await fixture.account()];
    const socket = await fixture.socket(account);
    socket.send(["1", "1", other.channel, "phx_join", JOIN_PARAMS]);
    await socket.expect(...reply("1", "1", other.channel, "error", { reason: "unauthorized" }));
    socket.send(["1", "2", other.channel, "ping", {}]);
    await socket.expect(...unmatched("2", other.channel));
    socket.topic = account.channel;
    for (const payload of [{}, null, [], "x", { device_id: "me", client_version: "1" }]) {
      socket.send(["3", "3", socket.topic, "phx_join", payload]);
      await socket.expect(...reply("3", "3", socket.topic, "error", { reason: "malformed" }));
    }
    socket.send(["3", "4", socket.topic, "ping", {}]);
    await socket.expect(...unmatched("4", socket.topic));
    await join(socket, "5");
    await isAlive(socket, "5");
  });

  for (const [name, again] of [["another join_ref", "5"], ["the same join_ref", "1"]]) {
    const title = `a second join is answered, then the old channel is closed: ${name}`;
    rule("§3.3 §6", title, async (fixture) => {
      const socket = await fixture.joined();
      await join(socket, again);
      await socket.expect(...closed("1", socket.topic));
      await isAlive(socket, again);
    });
  }

  rule("§3.3", "a rejected second join closes the old channel, too", async (fixture) => {
    const socket = await fixture.joined();
    socket.send(["5", "5", socket.topic, "phx_join", {}]);
    await socket.expect(...reply("5", "5", socket.topic, "error", { reason: "malformed" }));
    await socket.expect(...closed("1", socket.topic));
    socket.send(["1", "6", socket.topic, "ping", { sent_at: 0 }]);
    await socket.expect(...unmatched("6", socket.topic));
  });

  rule("§3.3", "frames of a replaced channel are dropped", async (fixture) => {
    const socket = await fixture.joined();
    await join(socket, "5");
    await socket.expect(...closed("1", socket.topic));
    socket.send(["1", "6", socket.topic, "ping", { sent_at: 0 }]);
    socket.send(["1", "7", socket.topic, "phx_leave", {}]);
    await socket.expectNothing();
    await isAlive(socket, "5");
  });

  rule("§3.3", "consecutive joins are answered; each closes the previous", async (fixture) => {
    const socket = await fixture.joined();
    for (const ref of ["2", "3", "4"]) {
      socket.send([ref, ref, socket.topic, "phx_join", JOIN_PARAMS]);
    }
    for (const ref of [2, 3, 4]) {
      const [joinRef, own, , event, { status }] = await socket.frame();
      assert.deepEqual([joinRef, own, event, status], [`${ref}`, `${ref}`, "phx_reply", "ok"]);
      await socket.expect(...closed(`${ref - 1}`, socket.topic));
    }
    await isAlive(socket, "4");
  });

  for (const joinRef of ["1", null]) {
    rule("§3.4 §6", `a leave by join_ref ${joinRef}: reply, then phx_close`, async (fixture) => {
      const socket = await fixture.joined();
      socket.send([joinRef, "2", socket.topic, "phx_leave", {}]);
      await socket.expect(...reply("1", "2", socket.topic, "ok", {}));
      await socket.expect(...closed("1", socket.topic));
    });
  }

  rule("§3.4 §6", "a leave with a stale join_ref is ignored", async (fixture) => {
    const socket = await fixture.joined();
    for (const stale of ["0", "", 1]) socket.send([stale, "2", socket.topic, "phx_leave", {}]);
    await socket.expectNothing();
    await isAlive(socket);
  });

  rule("§3.4", "a leave of a topic that is not joined is answered with ok", async (fixture) => {
    const socket = await fixture.socket();
    for (const [joinRef, topic] of [["9", "users:1"], [null, "rooms:1"], [3, "phoenix"]]) {
      socket.send([joinRef, "2", topic, "phx_leave", {}]);
      await socket.expect(...reply(joinRef, "2", topic, "ok", {}));
    }
  });

  rule("§3.4 §6", "after a leave the topic is unmatched until a join", async (fixture) => {
    const socket = await fixture.joined();
    socket.send(["1", "2", socket.topic, "phx_leave", {}]);
    await socket.expect(...reply("1", "2", socket.topic, "ok", {}));
    await socket.expect(...closed("1", socket.topic));
    socket.send(["1", "3", socket.topic, "ping", { sent_at: 0 }]);
    await socket.expect(...unmatched("3", socket.topic));
    socket.send(["1", "4", socket.topic, "phx_leave", {}]);
    await socket.expect(...reply("1", "4", socket.topic, "ok", {}));
    await join(socket, "5");
    await isAlive(socket, "5");
  });

  rule("§3.5 §6", "a push with the current join_ref or null is delivered", async (fixture) => {
    const socket = await fixture.joined();
    await isAlive(socket, "1");
    await isAlive(socket, null, "1");
  });

  rule("§3.5", "a push with a stale join_ref is dropped without a reply", async (fixture) => {
    const socket = await fixture.joined();
    for (const stale of ["0", "2", "", 1, false]) {
      socket.send([stale, "2", socket.topic, "ping", { sent_at: 0 }]);
    }
    await socket.expectNothing();
  });

  rule("§3.6 §6", "an event before the join is unmatched", async (fixture) => {
    const account = await fixture.account();
    const socket = await fixture.socket(account);
    for (const joinRef of ["1", null]) {
      socket.send([joinRef, "2", account.channel, "ping", { sent_at: 0 }]);
      await socket.expect(...unmatched("2", account.channel));
    }
  });

  rule("§2 §3.6", "a topic or an event can be any JSON", async (fixture) => {
    const socket = await fixture.joined();
    for (const name of [null, 7, true, [], { a: 1 }]) {
      for (const event of ["ping", "phx_join", "heartbeat", name]) {
        socket.send(["1", "2", name, event, {}]);
        await socket.expect(...unmatched("2", name));
      }
      socket.send(["1", "3", name, "phx_leave", {}]);
      await socket.expect(...reply("1", "3", name, "ok", {}));
      socket.send([null, "4", "phoenix", name, {}]);
      await socket.expect(...unmatched("4", "phoenix"));
    }
    await isAlive(socket);
  });

  rule("§3.6", "phx_ events from a client are ordinary events", async (fixture) => {
    const socket = await fixture.joined();
    for (const event of ["phx_reply", "phx_close", "phx_error", "phx_drain"]) {
      socket.send(["1", "2", socket.topic, event, { status: "ok", response: {} }]);
      await socket.expect(...reply("1", "2", socket.topic, "error", { reason: "unknown_event" }));
    }
    await isAlive(socket);
  });

  rule("§3.7", "pushes that crash a Phoenix channel get an error", async (fixture) => {
    const socket = await fixture.joined();
    for (const [event, payload, reason] of [
      ["START_CLOCK", {}, "unknown_event"],
      ["BULK_EVENT", null, "malformed"],
      ["BULK_EVENT", { events: "all" }, "malformed"],
      ["GET_LATEST_TIME_ENTRIES", { since: -1 }, "malformed"],
    ]) {
      socket.send(["1", "2", socket.topic, event, payload]);
      const frame = await socket.frame();
      assert.equal(frame[4].response.reason, reason);
      assert.deepEqual(frame, reply("1", "2", socket.topic, "error", frame[4].response));
    }
    await isAlive(socket);
  });
});
