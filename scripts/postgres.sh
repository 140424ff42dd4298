# Sourced by what needs a PostgreSQL for a while: `start_postgres` starts a server of its own in a temporary folder, on a
# socket only, sets `postgres_url` to its address, and takes both away when the script that sourced this ends.
#
# Needs the server programs of PostgreSQL 14 or newer (Debian: postgresql).

postgres_work=
postgres_as_server=()

stop_postgres() {
    "${postgres_as_server[@]}" "$postgres_bin/pg_ctl" -D "$postgres_work/server/data" -m immediate stop \
        >/dev/null 2>&1 || true
    rm -rf "$postgres_work"
}

start_postgres() {
    postgres_bin=${POSTGRES_BIN:-$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)}
    if [ -z "$postgres_bin" ] || [ ! -x "$postgres_bin/initdb" ]; then
        if command -v initdb >/dev/null; then
            postgres_bin=$(dirname "$(command -v initdb)")
        else
            echo "PostgreSQL's server programs are missing: install them (Debian: apt install postgresql) or name their" >&2
            echo "folder in POSTGRES_BIN" >&2
            return 1
        fi
    fi
    postgres_work=$(mktemp -d)
    trap stop_postgres EXIT
    local server=$postgres_work/server
    # PostgreSQL refuses to run as root.
    if [ "$(id -u)" = 0 ]; then
        chmod 711 "$postgres_work"
        local user
        user=$(id -un postgres 2>/dev/null || echo nobody)
        postgres_as_server=(setpriv --reuid "$user" --regid "$(id -gn "$user")" --clear-groups)
        install -d -o "$user" -m 700 "$server"
    else
        install -d -m 700 "$server"
    fi
    (
        cd "$server" &&
            "${postgres_as_server[@]}" "$postgres_bin/initdb" -D "$server/data" -U bridgewatch -A trust -E UTF8 \
                --no-sync >"$postgres_work/initdb.log" &&
            "${postgres_as_server[@]}" "$postgres_bin/pg_ctl" -D "$server/data" -w -l "$server/log" \
                -o "-c listen_addresses='' -c unix_socket_directories='$server' -c fsync=off" start >/dev/null
    ) || {
        cat "$postgres_work/initdb.log" "$server/log" >&2 2>/dev/null
        echo "PostgreSQL did not start" >&2
        return 1
    }
    chmod 711 "$server"
    postgres_url="postgres://bridgewatch@$(printf '%s' "$server" | sed 's,/,%2F,g')/postgres"
}
