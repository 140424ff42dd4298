# Shorthands for single steps of the work. `just` alone lists them; what must hold before a merge is tests/run.sh.

[private]
default:
    @just --list

# everything, as a fresh clone would
test-all:
    bash tests/run.sh

# format all code
fmt:
    cargo fmt --all

# formatting, lints and documentation, warnings as errors
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --locked -- -D warnings
    cargo clippy --locked --no-default-features --bin bridgewatch -- -D warnings
    RUSTDOCFLAGS=-Dwarnings cargo doc --no-deps --workspace --locked

# all tests, or those whose name contains the pattern; on PostgreSQL only if BRIDGEWATCH_TEST_POSTGRES names a server
test pattern='':
    BRIDGEWATCH_TEST_POSTGRES="${BRIDGEWATCH_TEST_POSTGRES:-skip}" cargo test --workspace --locked {{ pattern }}

# the store's tests on a PostgreSQL of its own (needs the server programs)
postgres:
    scripts/sql.sh --test

# whether the kept answers of both databases are those of the statements (needs the server programs and python3)
sql:
    scripts/sql.sh --check

# a local Discord and a scripted incident, to look at
demo *arguments:
    cargo run -- demo {{ arguments }}

# the files in deploy/ that other programs read
deploy:
    amtool check-config deploy/alertmanager.yml
    promtool check rules deploy/prometheus/rules.yml
    promtool test rules deploy/prometheus/rules_test.yml
    systemd-analyze security --offline=true --threshold=20 deploy/systemd/bridgewatch.service

# licences, advisories and sources of the dependencies (needs cargo-deny)
deny:
    cargo deny check

# the production image
image:
    docker build --file deploy/Dockerfile --tag bridgewatch:local .
