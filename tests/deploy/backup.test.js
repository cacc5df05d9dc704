// Tests of the backup timer: its units, and the script that they run.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";

const deploy = new URL("../../deploy/", import.meta.url).pathname;
const script = join(deploy, "wizitime-backup");
const program = process.env.WIZI_SERVER;

const DAY_S = 86_400;

const hasSystemd = spawnSync("systemd-analyze", ["--version"]).status === 0;
const skip = hasSystemd ? false : "did not run: systemd-analyze is missing";

async function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), "wizitime-backup-"));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("systemd accepts every line of the backup units", { skip }, () =>
  inFolder((folder) => {
    const names = ["wizitime-backup.service", "wizitime-backup.timer"];
    for (const name of names) {
      const text = readFileSync(join(deploy, name), "utf8");
      writeFileSync(join(folder, name), text.replace("/usr/local/bin/wizitime-backup", script));
    }
    const paths = names.map((name) => join(folder, name));
    const { status, stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", ...paths], {
      encoding: "utf8",
    });
    const own = stderr.split("\n").filter((line) => line.includes("wizitime-backup"));
    assert.deepEqual({ status, own }, { status: 0, own: [] });
  }),
);

test("a backup is written beside a running server, and old ones are removed", () =>
  inFolder(async (folder) => {
    const database = join(folder, "wizitime.db");
    const args = ["--listen", "127.0.0.1:0", "--database", database];
    const server = spawn(program, args, { stdio: ["ignore", "pipe", "ignore"], env: {} });
    const ended = once(server, "exit");
    await once(createInterface({ input: server.stdout }), "line");
    const backups = join(folder, "backups");
    const env = { PATH: process.env.PATH, PROGRAM: program, BACKUP_DAYS: "30" };
    const run = (file) =>
      spawnSync(script, [backups, "--database", file], { encoding: "utf8", env });
    const first = run(database);
    assert.equal(first.status, 0, first.stderr);
    assert.match(first.stdout, /checksums match/);
    const [written] = readdirSync(backups);
    const age = (name, days) => {
      const at = Date.now() / 1000 - days * DAY_S;
      writeFileSync(join(backups, name), "");
      utimesSync(join(backups, name), at, at);
    };
    age("wizitime-old.backup", 32);
    age("wizitime-recent.backup", 29);
    age("other.txt", 32);
    // A failed backup removes nothing.
    assert.notEqual(run(join(folder, "missing.db")).status, 0);
    assert.ok(readdirSync(backups).includes("wizitime-old.backup"));
    rmSync(join(backups, written));
    assert.equal(run(database).status, 0);
    const left = readdirSync(backups).filter((name) => !/^wizitime-\d/.test(name));
    assert.deepEqual(left.sort(), ["other.txt", "wizitime-recent.backup"]);
    const [latest] = readdirSync(backups).filter((name) => /^wizitime-\d/.test(name));
    const restored = ["restore", join(backups, latest), "--database", join(folder, "restored.db")];
    assert.equal(spawnSync(program, restored, { env: {} }).status, 0);
    server.kill("SIGTERM");
    await ended;
  }));
