// Tests of the compose files, with and without PostgreSQL.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const deploy = new URL("../../deploy/", import.meta.url).pathname;
const program = process.env.WIZI_SERVER;

const hasCompose = spawnSync("docker-compose", ["--version"]).status === 0;
const skip = hasCompose ? false : "did not run: docker-compose is missing";

const SQLITE = ["compose.yaml"];
const POSTGRES = ["compose.yaml", "compose.postgres.yaml"];

/** The merged configuration as docker-compose understands it, or its error. */
function config(files, variables) {
  const folder = mkdtempSync(join(tmpdir(), "wizitime-compose-"));
  try {
    cpSync(deploy, join(folder, "deploy"), { recursive: true });
    // The context of the image must exist.
    mkdirSync(join(folder, "target/dist"), { recursive: true });
    const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(join(folder, "deploy/.env"), lines.join(""));
    const named = files.flatMap((file) => ["--file", file]);
    const env = { PATH: process.env.PATH, HOME: folder };
    const options = { cwd: join(folder, "deploy"), encoding: "utf8", env };
    return spawnSync("docker-compose", [...named, "config"], options);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const variables = { WIZITIME_HOST: "time.example.org", POSTGRES_PASSWORD: "secret" };

test("docker-compose accepts the files with and without PostgreSQL", { skip }, () => {
  for (const files of [SQLITE, POSTGRES]) {
    const { status, stdout, stderr } = config(files, variables);
    assert.equal(status, 0, stderr);
    for (const service of stdout
      .split(/^services:\n/m)[1]
      .split(/^ {2}(?=\w+:$)/m)
      .slice(1)) {
      if (/^(version|volumes)/.test(service)) continue;
      for (const key of ["mem_limit", "pids_limit", "restart", "networks", "volumes"]) {
        assert.match(service, new RegExp(`^ {4}${key}:`, "m"), service);
      }
    }
  }
});

test("a missing variable is named with what to write", { skip }, () => {
  const host = config(SQLITE, {});
  assert.match(host.stderr, /write WIZITIME_HOST=time\.example\.org into the file \.env/);
  const password = config(POSTGRES, { WIZITIME_HOST: "time.example.org" });
  assert.match(password.stderr, /write POSTGRES_PASSWORD=/);
  assert.ok(host.status !== 0 && password.status !== 0);
});

test("the server accepts the environment of both, and trusts only the proxy's network", () => {
  const read = (file) => readFileSync(join(deploy, file), "utf8");
  const service = (text) => /^ {2}wizitime:\n((?: {4}.*\n|\n)+)/m.exec(text)[1];
  const named = (text) => [...service(text).matchAll(/^ {6}(WIZITIME_\w+|PGPASSWORD): (.*)$/gm)];
  for (const files of [SQLITE, POSTGRES]) {
    const found = files.flatMap((file) => named(read(file)));
    const filled = (value) => value.replace(/\$\{(\w+)\}/g, (_, name) => variables[name]);
    const env = Object.fromEntries(found.map(([, name, value]) => [name, filled(value)]));
    const { status, stdout, stderr } = spawnSync(program, ["check-config"], {
      encoding: "utf8",
      env,
    });
    assert.equal(status, 0, stderr);
    const subnet = /subnet: (\S+)/.exec(read("compose.yaml"))[1];
    assert.ok(stdout.includes(`${subnet} (WIZITIME_TRUSTED_PROXIES)`), stdout);
    assert.match(stdout, /^registration +invite \(WIZITIME_REGISTRATION\)$/m);
    assert.match(stdout, /^public_url +https:\/\/time\.example\.org\/time\/ \(/m);
    const database =
      files === POSTGRES ? "postgres://wizitime@postgres:5432/wizitime" : "wizitime.db";
    assert.match(stdout, new RegExp(`^database +${database} `, "m"));
  }
});

test("only the proxy publishes ports", () => {
  for (const file of POSTGRES) {
    const text = readFileSync(join(deploy, file), "utf8");
    const services = text.split(/^ {2}(?=\w+:$)/m).filter((part) => /^ {4}ports:$/m.test(part));
    assert.deepEqual(
      services.map((part) => part.split(":")[0]),
      file === SQLITE[0] ? ["proxy"] : [],
    );
  }
});
