#!/usr/bin/env bash
# Checks every statement of the store against both databases and keeps their answers in crates/store/*/.sqlx, so that
# everybody else builds without a database. Run it after changing a statement or a migration.
#
#   scripts/sql.sh           renews both caches
#   scripts/sql.sh --check   fails if a cache is not what the statements and migrations say
#   scripts/sql.sh --test    runs the tests of the store on PostgreSQL
#
# Needs the server programs of PostgreSQL 14 or newer (Debian: postgresql) and python3; starts a server of its own in a
# temporary folder, on a socket only, and takes both away afterwards.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD

mode=${1:-renew}
case $mode in
    renew | --check | --test) ;;
    *)
        echo "usage: scripts/sql.sh [--check | --test]" >&2
        exit 2
        ;;
esac

bin=${POSTGRES_BIN:-$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)}
if [ -z "$bin" ] || [ ! -x "$bin/initdb" ]; then
    if command -v initdb >/dev/null; then
        bin=$(dirname "$(command -v initdb)")
    else
        echo "PostgreSQL's server programs are missing: install them (Debian: apt install postgresql) or name their" >&2
        echo "folder in POSTGRES_BIN" >&2
        exit 1
    fi
fi

work=$(mktemp -d)
# PostgreSQL refuses to run as root.
as_server=()
if [ "$(id -u)" = 0 ]; then
    chmod 711 "$work"
    user=$(id -un postgres 2>/dev/null || echo nobody)
    as_server=(setpriv --reuid "$user" --regid "$(id -gn "$user")" --clear-groups)
    install -d -o "$user" -m 700 "$work/server"
else
    install -d -m 700 "$work/server"
fi
stop() {
    "${as_server[@]}" "$bin/pg_ctl" -D "$work/server/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap stop EXIT

cd "$work/server"
"${as_server[@]}" "$bin/initdb" -D "$work/server/data" -U bridgewatch -A trust -E UTF8 --no-sync >"$work/initdb.log"
"${as_server[@]}" "$bin/pg_ctl" -D "$work/server/data" -w -l "$work/server/log" \
    -o "-c listen_addresses='' -c unix_socket_directories='$work/server' -c fsync=off" start >/dev/null
chmod 711 "$work/server"
cd "$root"
socket=$(printf '%s' "$work/server" | sed 's,/,%2F,g')
export POSTGRES_DATABASE_URL="postgres://bridgewatch@$socket/postgres"
export SQLITE_DATABASE_URL="sqlite://$work/statements.db"

if [ "$mode" = --test ]; then
    env -u POSTGRES_DATABASE_URL BRIDGEWATCH_TEST_POSTGRES="$POSTGRES_DATABASE_URL" \
        cargo test -p bridgewatch-store-postgres
    exit
fi

for migration in migrations/postgres/*.sql; do
    "$bin/psql" -q -v ON_ERROR_STOP=1 -h "$work/server" -U bridgewatch -d postgres -f "$migration"
done
python3 - "$work/statements.db" migrations/sqlite/*.sql <<'PYTHON'
import sqlite3
import sys

database = sqlite3.connect(sys.argv[1])
for migration in sys.argv[2:]:
    with open(migration, encoding="utf-8") as text:
        database.executescript(text.read())
database.close()
PYTHON

# The macros write what the database says about each statement into SQLX_OFFLINE_DIR while they expand.
different=0
for database in sqlite postgres; do
    fresh="$work/$database"
    kept="crates/store/$database/.sqlx"
    mkdir -p "$fresh"
    touch "crates/store/$database/src/lib.rs"
    SQLX_OFFLINE=false SQLX_OFFLINE_DIR="$fresh" cargo check --quiet -p "bridgewatch-store-$database"
    # The next build must look at the kept answers again.
    touch "crates/store/$database/src/lib.rs"
    if [ "$mode" = --check ]; then
        diff -r "$kept" "$fresh" || different=1
    else
        rm -rf "$kept"
        cp -r "$fresh" "$kept"
        echo "$kept: $(find "$kept" -type f | wc -l) statements"
    fi
done
if [ "$different" = 1 ]; then
    echo "the kept answers are not what the statements say: run scripts/sql.sh and commit the result" >&2
    exit 1
fi
