# The front door: `just` lists what there is. What CI does is `just ci`.

_list:
    @just --list --unsorted

# A demo with sample data in ./jiku-demo, then the server
demo *ARGS:
    cargo run --release -- demo {{ ARGS }}

# All tests, on SQLite and PostgreSQL
test *ARGS:
    cargo test --workspace {{ ARGS }}

# The lints and the formatting that CI asks for
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings

# Formats the code
fmt:
    cargo fmt --all

# Accepts what the snapshot tests see now; read the difference before you commit it
bless *ARGS:
    JIKU_BLESS=1 cargo test --workspace {{ ARGS }}

# Speed on this machine with synthetic data: ingest, resolve, read
bench PEOPLE="100000":
    cargo run --release -- bench --people {{ PEOPLE }}

# Many kills of a real server under load; CI does a few
crash KILLS="50":
    JIKU_CRASH_KILLS={{ KILLS }} cargo test -p jiku-tests cli::crash -- --nocapture

# What fails, and what is lost: kill, pairs, traces, terminate, retry, disk-full, restart, standby, cancel, io, idle, slow, overload, bombs or stack
faults CASE *ARGS:
    tests/faults/faults.py {{ CASE }} {{ ARGS }}

# Mutants of the parsers' corpus; CI does a few
fuzz RUNS="20000":
    JIKU_FUZZ_RUNS={{ RUNS }} cargo test -p jiku-tests trust::parsers

# The bill of materials of the binary, CycloneDX
sbom:
    packaging/sbom.py

# Everything CI does
ci:
    .ci/run
