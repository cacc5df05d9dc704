// The life of a channel: join, push, leave, and what belongs to which join.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { WHO, isAlive, join, rules } from "./rule.js";
import { closed, reply, unmatched } from "./wire.js";

rules("channels", (rule) => {
  rule("§3.1 §6", "a heartbeat is answered, with and without channels", async (stand) => {
    const wire = await stand.wire();
    wire.send([null, "1", "phoenix", "heartbeat", {}]);
    await wire.hears(...reply(null, "1", "phoenix", "ok", {}));
    const joined = await stand.joined();
    joined.send([null, "2", "phoenix", "heartbeat", {}]);
    await joined.hears(...reply(null, "2", "phoenix", "ok", {}));
  });

  rule("§2 §3.1", "a heartbeat with a join_ref is answered with null", async (stand) => {
    const wire = await stand.joined();
    wire.send(["1", "2", "phoenix", "heartbeat", {}]);
    await wire.hears(...reply(null, "2", "phoenix", "ok", {}));
  });

  rule("§3.1", "anything else on the topic phoenix is unmatched", async (stand) => {
    const wire = await stand.wire();
    for (const event of ["phx_join", "phx_leave", "phx_reply", "Heartbeat", ""]) {
      wire.send(["1", "1", "phoenix", event, WHO]);
      await wire.hears(...unmatched("1", "phoenix"));
    }
  });

  rule("§3.2", "a join is answered with its own refs", async (stand) => {
    const account = await stand.account();
    const wire = await stand.wire(account);
    wire.send(["j", 7, account.channel, "phx_join", WHO]);
    const frame = await wire.frame();
    assert.deepEqual(frame, reply("j", 7, account.channel, "ok", frame[4].response));
    const fields = ["cursor", "epoch", "limits", "server_time", "server_version"];
    assert.deepEqual(Object.keys(frame[4].response).sort(), fields);
    await wire.hearsNothing();
  });

  rule("§2 §3.2 §6", "a topic of no kind is unmatched, its join_ref null", async (stand) => {
    const wire = await stand.wire();
    for (const topic of ["rooms:1", "users", "", "Users:1", "xusers:1", "users "]) {
      wire.send(["1", "2", topic, "phx_join", WHO]);
      await wire.hears(...unmatched("2", topic));
    }
  });

  rule("§3.2", "users:* is a prefix: what follows is the channel's to judge", async (stand) => {
    const wire = await stand.wire();
    for (const topic of ["users:", "users:1", "users:*", `users:${randomUUID()}`]) {
      wire.send(["1", "2", topic, "phx_join", WHO]);
      await wire.hears(...reply("1", "2", topic, "error", { reason: "unauthorized" }));
    }
  });

  rule("§3.2", "a refused join has the channel's reason, and leaves no channel", async (stand) => {
    const [account, other] = [await stand.account(), await stand.account()];
    const wire = await stand.wire(account);
    wire.send(["1", "1", other.channel, "phx_join", WHO]);
    await wire.hears(...reply("1", "1", other.channel, "error", { reason: "unauthorized" }));
    wire.send(["1", "2", other.channel, "ping", {}]);
    await wire.hears(...unmatched("2", other.channel));
    wire.topic = account.channel;
    for (const payload of [{}, null, [], "x", { device_id: "me", client_version: "1" }]) {
      wire.send(["3", "3", wire.topic, "phx_join", payload]);
      await wire.hears(...reply("3", "3", wire.topic, "error", { reason: "malformed" }));
    }
    wire.send(["3", "4", wire.topic, "ping", {}]);
    await wire.hears(...unmatched("4", wire.topic));
    await join(wire, "5");
    await isAlive(wire, "5");
  });

  for (const [name, again] of [["another join_ref", "5"], ["the same join_ref", "1"]]) {
    const title = `a second join is answered, then the old channel closed: ${name}`;
    rule("§3.3 §6", title, async (stand) => {
      const wire = await stand.joined();
      await join(wire, again);
      await wire.hears(...closed("1", wire.topic));
      await isAlive(wire, again);
    });
  }

  rule("§3.3", "a second join that is refused ends the old channel as well", async (stand) => {
    const wire = await stand.joined();
    wire.send(["5", "5", wire.topic, "phx_join", {}]);
    await wire.hears(...reply("5", "5", wire.topic, "error", { reason: "malformed" }));
    await wire.hears(...closed("1", wire.topic));
    wire.send(["1", "6", wire.topic, "ping", { sent_at: 0 }]);
    await wire.hears(...unmatched("6", wire.topic));
  });

  rule("§3.3", "frames of the channel that was replaced are dropped", async (stand) => {
    const wire = await stand.joined();
    await join(wire, "5");
    await wire.hears(...closed("1", wire.topic));
    wire.send(["1", "6", wire.topic, "ping", { sent_at: 0 }]);
    wire.send(["1", "7", wire.topic, "phx_leave", {}]);
    await wire.hearsNothing();
    await isAlive(wire, "5");
  });

  rule("§3.3", "joins on end are answered each, and close each other in turn", async (stand) => {
    const wire = await stand.joined();
    for (const ref of ["2", "3", "4"]) wire.send([ref, ref, wire.topic, "phx_join", WHO]);
    for (const ref of [2, 3, 4]) {
      const [joinRef, own, , event, { status }] = await wire.frame();
      assert.deepEqual([joinRef, own, event, status], [`${ref}`, `${ref}`, "phx_reply", "ok"]);
      await wire.hears(...closed(`${ref - 1}`, wire.topic));
    }
    await isAlive(wire, "4");
  });

  for (const joinRef of ["1", null]) {
    rule("§3.4 §6", `a leave by join_ref ${joinRef}: reply, then phx_close`, async (stand) => {
      const wire = await stand.joined();
      wire.send([joinRef, "2", wire.topic, "phx_leave", {}]);
      await wire.hears(...reply("1", "2", wire.topic, "ok", {}));
      await wire.hears(...closed("1", wire.topic));
    });
  }

  rule("§3.4 §6", "a leave with a stale join_ref is ignored", async (stand) => {
    const wire = await stand.joined();
    for (const stale of ["0", "", 1]) wire.send([stale, "2", wire.topic, "phx_leave", {}]);
    await wire.hearsNothing();
    await isAlive(wire);
  });

  rule("§3.4", "a leave of what is not joined is answered with ok and its refs", async (stand) => {
    const wire = await stand.wire();
    for (const [joinRef, topic] of [["9", "users:1"], [null, "rooms:1"], [3, "rooms:1"]]) {
      wire.send([joinRef, "2", topic, "phx_leave", {}]);
      await wire.hears(...reply(joinRef, "2", topic, "ok", {}));
    }
  });

  rule("§3.4 §6", "after a leave the topic is unmatched, until the next join", async (stand) => {
    const wire = await stand.joined();
    wire.send(["1", "2", wire.topic, "phx_leave", {}]);
    await wire.hears(...reply("1", "2", wire.topic, "ok", {}));
    await wire.hears(...closed("1", wire.topic));
    wire.send(["1", "3", wire.topic, "ping", { sent_at: 0 }]);
    await wire.hears(...unmatched("3", wire.topic));
    wire.send(["1", "4", wire.topic, "phx_leave", {}]);
    await wire.hears(...reply("1", "4", wire.topic, "ok", {}));
    await join(wire, "5");
    await isAlive(wire, "5");
  });

  rule("§3.4", "leave and join on end: reply, phx_close, reply", async (stand) => {
    const wire = await stand.joined();
    wire.send(["1", "2", wire.topic, "phx_leave", {}]);
    wire.send(["3", "3", wire.topic, "phx_join", WHO]);
    await wire.hears(...reply("1", "2", wire.topic, "ok", {}));
    await wire.hears(...closed("1", wire.topic));
    const [joinRef, , , event] = await wire.frame();
    assert.deepEqual([joinRef, event], ["3", "phx_reply"]);
    await isAlive(wire, "3");
  });

  rule("§3.5 §6", "a push with the current join_ref or null is delivered", async (stand) => {
    const wire = await stand.joined();
    await isAlive(wire, "1");
    await isAlive(wire, null, "1");
  });

  rule("§3.5", "a push with a stale join_ref is dropped without a word", async (stand) => {
    const wire = await stand.joined();
    for (const stale of ["0", "2", "", 1, false]) {
      wire.send([stale, "2", wire.topic, "ping", { sent_at: 0 }]);
    }
    await wire.hearsNothing();
  });

  rule("§3.5", "after a join with null, null alone is delivered", async (stand) => {
    const account = await stand.account();
    const wire = await stand.wire(account);
    wire.topic = account.channel;
    wire.send([null, "1", wire.topic, "phx_join", WHO]);
    const frame = await wire.frame();
    assert.deepEqual(frame, reply(null, "1", wire.topic, "ok", frame[4].response));
    await isAlive(wire, null);
    wire.send(["1", "2", wire.topic, "ping", { sent_at: 0 }]);
    await wire.hearsNothing();
  });

  rule("§3.6 §6", "an event before the join is unmatched", async (stand) => {
    const account = await stand.account();
    const wire = await stand.wire(account);
    for (const joinRef of ["1", null]) {
      wire.send([joinRef, "2", account.channel, "ping", { sent_at: 0 }]);
      await wire.hears(...unmatched("2", account.channel));
    }
  });

  rule("§3.6", "a client's phx_reply, phx_close or phx_error is any event", async (stand) => {
    const wire = await stand.joined();
    for (const event of ["phx_reply", "phx_close", "phx_error", "phx_drain"]) {
      wire.send(["1", "2", wire.topic, event, { status: "ok", response: {} }]);
      await wire.hears(...reply("1", "2", wire.topic, "error", { reason: "unknown_event" }));
    }
    await isAlive(wire);
  });

  rule("§3.7", "what crashes a channel of Phoenix is answered instead", async (stand) => {
    const wire = await stand.joined();
    for (const [event, payload, reason] of [
      ["START_CLOCK", {}, "unknown_event"],
      ["BULK_EVENT", null, "malformed"],
      ["BULK_EVENT", { events: "all" }, "malformed"],
      ["GET_LATEST_TIME_ENTRIES", { since: -1 }, "malformed"],
    ]) {
      wire.send(["1", "2", wire.topic, event, payload]);
      const frame = await wire.frame();
      assert.equal(frame[4].response.reason, reason);
      assert.deepEqual(frame, reply("1", "2", wire.topic, "error", frame[4].response));
    }
    await isAlive(wire);
  });
});
