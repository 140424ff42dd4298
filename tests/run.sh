#!/usr/bin/env bash
# Everything that must hold before a change is merged. Runs from a fresh clone, without questions, as root or with sudo;
# installs the tools it misses with apt-get. Stops at the first stage that fails, and names it.
set -euo pipefail
cd "$(dirname "$0")/.."
exec </dev/null
export CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-auto}"
# The same generated nights every time, so that a red gate is red again; CONTRIBUTING.md says how to look at others.
export PROPTEST_RNG_SEED="${PROPTEST_RNG_SEED:-302}"

stage() {
    local name=$1 started=$SECONDS
    shift
    printf '\n==> %s\n' "$name"
    if "$@"; then
        printf '==> %s: passed in %d s\n' "$name" "$((SECONDS - started))"
    else
        printf '==> %s: FAILED after %d s: %s\n' "$name" "$((SECONDS - started))" "$*" >&2
        exit 1
    fi
}

# Debian keeps the server programs of PostgreSQL out of the PATH.
is_there() {
    command -v "$1" >/dev/null || compgen -G "/usr/lib/postgresql/*/bin/$1" >/dev/null
}

# install_missing <program> <Debian package> ...
install_missing() {
    local packages=()
    while (($# > 0)); do
        is_there "$1" || packages+=("$2")
        shift 2
    done
    if ((${#packages[@]} == 0)); then
        echo "nothing is missing"
        return
    fi
    echo "installing ${packages[*]}"
    if ! command -v apt-get >/dev/null; then
        echo "this is not Debian or Ubuntu: install what ${packages[*]} provide, and run this again" >&2
        return 1
    fi
    local as_root=()
    if ((EUID != 0)); then
        as_root=(sudo --non-interactive)
    fi
    "${as_root[@]}" apt-get update -qq &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install --yes -qq --no-install-recommends "${packages[@]}"
}

tools() {
    if ! command -v cargo >/dev/null; then
        echo "cargo is missing: install Rust from https://rustup.rs, and run this again" >&2
        return 1
    fi
    # A C compiler, make and perl build OpenSSL; amtool and promtool check what deploy/ offers; Chromium shows the page;
    # PostgreSQL holds one of the two stores.
    install_missing cc build-essential make build-essential perl perl \
        amtool prometheus-alertmanager promtool prometheus chromium chromium initdb postgresql
}

deploy_files() {
    amtool check-config deploy/alertmanager.yml &&
        promtool check rules deploy/prometheus/rules.yml &&
        promtool test rules deploy/prometheus/rules_test.yml &&
        if command -v systemd-analyze >/dev/null; then
            # 20: an exposure of at most 2.0 on systemd's scale to 10.
            systemd-analyze security --offline=true --threshold=20 deploy/systemd/bridgewatch.service | tail -n 1
        fi
}

# What the tests need from the machine, besides programs. Some containers do not let even root mount a small disk.
places() {
    source scripts/postgres.sh
    start_postgres || return
    export BRIDGEWATCH_TEST_POSTGRES="$postgres_url"
    local disk
    disk=$(mktemp -d)
    if mount -t tmpfs -o size=1m tmpfs "$disk" 2>/dev/null; then
        umount "$disk"
    else
        echo "NOT TESTED: what happens on a full disk, since no disk can be mounted here"
        export BRIDGEWATCH_TEST_FULL_DISK=skip
    fi
    rmdir "$disk"
}

stage tools tools
stage format cargo fmt --all --check
stage 'deploy files' deploy_files
stage lints cargo clippy --workspace --all-targets --locked -- -D warnings
stage 'production build' cargo clippy --locked --no-default-features --bin bridgewatch -- -D warnings
stage documentation env RUSTDOCFLAGS=-Dwarnings cargo doc --no-deps --workspace --locked
stage demo cargo run --locked --quiet -- demo --once
stage 'places for the tests' places
stage tests cargo test --workspace --locked
printf '\n==> everything passed in %d s\n' "$SECONDS"
