//! What `--help` prints.

/// The text of `--help`.
pub const USAGE: &str = "\
usage: wizitime-server [OPTION]...
       wizitime-server check-config [OPTION]...
       wizitime-server healthcheck [OPTION]...
       wizitime-server backup FILE [OPTION]...
       wizitime-server restore FILE [--overwrite] [OPTION]...
       wizitime-server migrate-to URL [OPTION]...

  (nothing)       serves until it is told to stop
  check-config    says what holds and who said so, or everything that is wrong
  healthcheck     asks the server that listens there whether it is ready; ends with 1 if it is not
  backup          writes everything into a new file while servers run
  restore         makes the database from a backup, under a new epoch; --overwrite has one that
                  exists already make way
  migrate-to      moves an SQLite file that no server uses into an empty PostgreSQL database

  --config FILE             a TOML file with what is below             (WIZITIME_CONFIG)
  --listen ADDRESS:PORT     where to listen; port 0 takes a free one   (WIZITIME_LISTEN,
                                                                        127.0.0.1:4000)
  --metrics-listen ADDRESS:PORT
                            where Prometheus may read the figures      (WIZITIME_METRICS_LISTEN,
                                                                        nowhere)
  --database FILE|URL       the SQLite file, made if it does not exist, or the URL of a PostgreSQL
                            database: postgres://USER:PASSWORD@HOST/NAME
                                                                       (WIZITIME_DATABASE,
                                                                        DATABASE_URL, wizitime.db)
  --app DIR                 the folder of the built app                (WIZITIME_APP, the app in
                                                                        this program, or else dist
                                                                        if it exists)
  --allow-origin URL        the origin of another page that may connect, such as
                            https://time.example.org; may be given more than once
                                                                       (WIZITIME_ALLOW_ORIGIN, by
                                                                        commas)
  --trusted-proxies NETWORK the address or network of a proxy in front, such as 127.0.0.1 or
                            10.0.0.0/8: what it says in X-Forwarded-For is believed; may be given
                            more than once (WIZITIME_TRUSTED_PROXIES, by commas)
  --log LEVEL               error, warn, info or debug                 (WIZITIME_LOG, info)
  --log-format FORMAT       text, or json: one object in each line     (WIZITIME_LOG_FORMAT, text)

The command line wins over the environment, the environment over the file, and WIZITIME_DATABASE
over DATABASE_URL. In the file the keys are the options' names without the dashes in front, and with
underscores: metrics_listen = \"127.0.0.1:4001\". Others on the machine can read a command line: put
a password into the environment, or into a file that is yours alone.
";
