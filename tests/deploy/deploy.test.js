// Tests of the systemd unit, the container file and the configuration in deploy/.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { validate } from "dockerfile-utils";

const deploy = new URL("../../deploy/", import.meta.url);
const text = (name) => readFileSync(new URL(name, deploy), "utf8");

const program = process.env.WIZI_SERVER;
assert.ok(program, "WIZI_SERVER must be the path of the program");

// The longest drain of the server, in seconds (DRAIN_MS in server/src/serve.rs).
const serve = readFileSync(new URL("../../server/src/serve.rs", import.meta.url), "utf8");
const drain = /const DRAIN_MS: u64 = ([\d_]+);/.exec(serve)[1];
const drainSeconds = Number(drain.replace("_", "")) / 1000;

const run = (command, args, options = {}) =>
  spawnSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], ...options });

function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), "wizitime-deploy-"));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const hasSystemd = run("systemd-analyze", ["--version"]).status === 0;
const without = hasSystemd ? false : "did not run: systemd-analyze is missing";

function verify(unit) {
  return inFolder((folder) => {
    const path = join(folder, "wizitime.service");
    // systemd-analyze checks that the program exists.
    writeFileSync(path, unit.replace("/usr/local/bin/wizitime-server", program));
    const { status, stderr } = run("systemd-analyze", ["verify", "--man=no", path]);
    const own = stderr.split("\n").filter((line) => line.includes("wizitime"));
    return { status, own };
  });
}

test("systemd accepts every line of the unit", { skip: without }, () => {
  assert.deepEqual(verify(text("wizitime.service")), { status: 0, own: [] });
  const wrong = verify(text("wizitime.service").replace("ProtectSystem=strict", "ProtectSystm=x"));
  assert.match(wrong.own.join("\n"), /ProtectSystm/, "an unknown line is reported");
});

test("the exposure score of the unit is low", { skip: without }, () => {
  const path = new URL("wizitime.service", deploy).pathname;
  const most = "--threshold=20";
  const { status, stdout } = run("systemd-analyze", ["security", "--offline=yes", most, path]);
  assert.equal(status, 0, stdout);
});

test("systemd restarts the server without a limit, except for a wrong configuration", () => {
  const lines = text("wizitime.service").split("\n");
  const service = lines.indexOf("[Service]");
  // In another section systemd ignores it.
  assert.ok(lines.slice(0, service).includes("StartLimitIntervalSec=0"));
  for (const expected of ["Restart=on-failure", "RestartPreventExitStatus=2"]) {
    assert.ok(lines.slice(service).includes(expected), expected);
  }
});

test("the stop timeout exceeds the drain timeout", () => {
  const seconds = Number(/^TimeoutStopSec=(\d+)$/m.exec(text("wizitime.service"))[1]);
  assert.ok(seconds > drainSeconds, `${seconds} s for a drain of ${drainSeconds} s`);
});

test("the container file is valid", () => {
  const found = validate(text("Containerfile")).map(({ range, message }) => ({
    line: range.start.line + 1,
    message,
  }));
  assert.deepEqual(found, []);
  assert.notDeepEqual(validate("FRM scratch\nUSER\n"), [], "a mistake is reported");
});

test("the container has an unprivileged user, a volume and a health check", () => {
  const lines = text("Containerfile").split("\n");
  for (const expected of [
    "FROM scratch",
    "USER 65532:65532",
    'VOLUME ["/data"]',
    'ENTRYPOINT ["/wizitime-server"]',
  ]) {
    assert.ok(lines.includes(expected), expected);
  }
  const check = 'CMD ["/wizitime-server", "healthcheck"]';
  assert.ok(lines.some((line) => line.startsWith("HEALTHCHECK ") && line.endsWith(check)));
  assert.ok(lines.indexOf("USER 65532:65532") < lines.findIndex((it) => it.startsWith("ENTRY")));
});

test("the server accepts both configurations", () => {
  const file = new URL("wizitime.toml", deploy).pathname;
  const result = run(program, ["check-config", "--config", file], { env: {} });
  assert.equal(result.status, 0, result.stderr);
  assert.match(result.stdout, /^log_format +json \(.*wizitime.toml:\d+: log_format\)$/m);
  assert.match(result.stdout, /^registration +invite \(.*wizitime.toml:\d+: registration\)$/m);
  const variables = text("Containerfile").matchAll(/^ENV (\w+)=(.*)$/gm);
  const env = Object.fromEntries([...variables].map(([, name, value]) => [name, value]));
  assert.ok(Object.keys(env).length > 2);
  const container = run(program, ["check-config"], { env });
  assert.equal(container.status, 0, container.stderr);
  const used = container.stdout.split("\n").filter((line) => /\(WIZITIME_\w+\)$/.test(line));
  assert.equal(used.length, Object.keys(env).length, "every variable is used");
});
