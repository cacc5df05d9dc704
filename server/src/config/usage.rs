//! The text of `--help`.

/// The text of `--help`.
pub const USAGE: &str = "\
usage: wizitime-server [OPTION]...
       wizitime-server check-config [OPTION]...
       wizitime-server healthcheck [OPTION]...
       wizitime-server backup FILE [OPTION]...
       wizitime-server restore FILE [--overwrite] [OPTION]...
       wizitime-server migrate-to URL [OPTION]...
       wizitime-server compact [OPTION]...

  (no command)    serves until SIGTERM or SIGINT
  check-config    prints every value and its source, or all errors
  healthcheck     requests /ready of the running server; exits with 1 if it is not ready
  backup          writes a backup into a new file; servers may be running
  restore         creates the database from a backup, under a new epoch; --overwrite replaces an
                  existing one; ends all sessions
  migrate-to      copies an SQLite file that no server uses into an empty PostgreSQL database
  compact         rewrites a database that no server uses, without free space and deleted texts

  --config FILE             a TOML file with the options below         (WIZITIME_CONFIG)
  --listen ADDRESS:PORT     the address to listen on; port 0 selects a free port
                                                                       (WIZITIME_LISTEN,
                                                                        127.0.0.1:4000)
  --metrics-listen ADDRESS:PORT
                            the address of the Prometheus metrics      (WIZITIME_METRICS_LISTEN,
                                                                        none)
  --database FILE|URL       the SQLite file, created if missing, or the URL of a PostgreSQL
                            database: postgres://USER:PASSWORD@HOST/NAME
                                                                       (WIZITIME_DATABASE,
                                                                        DATABASE_URL, wizitime.db)
  --app DIR                 the folder of the built app                (WIZITIME_APP; the embedded
                                                                        app, or else dist if it
                                                                        exists)
  --allow-origin URL        a cross origin whose pages may connect, such as
                            https://time.example.org; repeatable       (WIZITIME_ALLOW_ORIGIN,
                                                                        comma-separated)
  --trusted-proxies NETWORK the address or network of a reverse proxy, such as 127.0.0.1 or
                            10.0.0.0/8, whose X-Forwarded-For is trusted; repeatable
                                                                       (WIZITIME_TRUSTED_PROXIES,
                                                                        comma-separated)
  --account-megabytes NUMBER
                            the largest log of an account              (WIZITIME_ACCOUNT_MEGABYTES,
                                                                        1000)
  --account-megabytes-per-minute NUMBER
                            what an account may write within a minute
                                              (WIZITIME_ACCOUNT_MEGABYTES_PER_MINUTE, 60)
  --log LEVEL               error, warn, info or debug                 (WIZITIME_LOG, info)
  --log-format FORMAT       text, or json: one object per line         (WIZITIME_LOG_FORMAT, text)

Flags override the environment, the environment overrides the file, and WIZITIME_DATABASE overrides
DATABASE_URL. The keys of the file are the option names without the leading dashes and with
underscores: metrics_listen = \"127.0.0.1:4001\". Other users of the machine can read a command
line: pass a password in the environment, or in a file that only you can read.
";
