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

mode=${1:-renew}
case $mode in
    renew | --check | --test) ;;
    *)
        echo "usage: scripts/sql.sh [--check | --test]" >&2
        exit 2
        ;;
esac

source scripts/postgres.sh
start_postgres

if [ "$mode" = --test ]; then
    BRIDGEWATCH_TEST_POSTGRES="$postgres_url" cargo test -p bridgewatch-store-postgres
    exit
fi

# Gone with the server.
work=$postgres_work/statements
mkdir "$work"
export POSTGRES_DATABASE_URL="$postgres_url"
export SQLITE_DATABASE_URL="sqlite://$work/statements.db"

for migration in migrations/postgres/*.sql; do
    "$postgres_bin/psql" -q -v ON_ERROR_STOP=1 -d "$postgres_url" -f "$migration"
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
