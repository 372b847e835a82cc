# What ./run, ./test and .ci/run share: packages that are missing are installed, a build shows its progress.
# Sourced by bash with `top` set to the root of the tree.

BUILD_PACKAGES=(gcc libc6-dev cmake ninja-build pkg-config ca-certificates tzdata postgresql
    libmicrohttpd-dev libpq-dev libjansson-dev libsodium-dev liblinear-dev libunistring-dev libcurl4-gnutls-dev uuid-dev zlib1g-dev
    libturbojpeg0-dev libspng-dev libwebp-dev libseccomp-dev
    curl jq)
TEST_PACKAGES=(libcmocka-dev curl jq python3 python3-pytest python3-pytest-xdist python3-psycopg2 python3-yaml python3-pil)
CI_PACKAGES=(clang clang-format libclang-rt-14-dev)

say() { printf '%s\n' "$*" >&2; }
fail() { say "error: $*"; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "installing packages needs root or sudo"
    fi
}

# Runs a command in silence; what it printed is shown only if it fails.
quietly() {
    local log status=0
    log=$(mktemp)
    "$@" >"$log" 2>&1 </dev/null || status=$?
    [ "$status" = 0 ] || tail -n 40 "$log" >&2
    rm -f "$log"
    return "$status"
}

missing_packages() {
    local package
    for package in "$@"; do
        case $(dpkg-query -W -f '${db:Status-Status} ' "$package" 2>/dev/null) in
        *installed\ *) ;;
        *) printf '%s\n' "$package" ;;
        esac
    done
}

# Debian's server package would make and start a cluster of its own; the daemon keeps a private one.
forbid_main_cluster() {
    as_root mkdir -p /etc/postgresql-common/createcluster.d
    echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.d/echo-wall.conf >/dev/null
}

allow_main_cluster() {
    as_root rm -f /etc/postgresql-common/createcluster.d/echo-wall.conf
}

need_packages() {
    local missing
    mapfile -t missing < <(missing_packages "$@")
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null || fail "these packages of Debian are missing: ${missing[*]}"
    say "Fetching the list of packages ..."
    quietly as_root apt-get update -q || fail "apt-get update failed"
    say "Installing ${missing[*]} ..."
    case " ${missing[*]} " in *" postgresql "*) forbid_main_cluster ;; esac
    local status=0
    quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" || status=$?
    case " ${missing[*]} " in *" postgresql "*) allow_main_cluster ;; esac
    [ "$status" = 0 ] || fail "apt-get install failed"
}

# Steps of ninja and make come in by the hundred; a line for each tenth is enough.
tenths() {
    awk '/^\[ *[0-9]+(\/[0-9]+|%)\]/ {
             split($1, part, /[][\/%]/)
             done = index($1, "/") ? int(10 * part[2] / part[3]) : int(part[2] / 10)
             if (done > shown) { shown = done; printf "  %d %%\n", 10 * done; fflush() }
             if (!/FAILED/) next
         }
         /^ninja: (no work to do|Entering directory)/ { next }
         { print; fflush() }' >&2
}

# build FOLDER [cmake arguments]: configures and builds, with a folder of an older place or generator made anew.
build() {
    local folder=$1
    shift
    if [ -f "$folder/CMakeCache.txt" ] && ! { grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$top" "$folder/CMakeCache.txt" &&
        grep -qx 'CMAKE_GENERATOR:INTERNAL=Ninja' "$folder/CMakeCache.txt"; }; then
        rm -rf "$folder"
    fi
    quietly cmake -S "$top" -B "$folder" -G Ninja "$@" || fail "cmake failed"
    NINJA_STATUS='[%f/%t] ' cmake --build "$folder" | tenths
    [ "${PIPESTATUS[0]}" = 0 ] || fail "the build failed"
}
