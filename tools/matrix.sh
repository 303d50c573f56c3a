#!/usr/bin/env bash
# Proves the set-up on the systems it is for: for each Debian release a throw-away bare tree (debootstrap, entered
# by chroot), a clean clone of what is committed, `make demo` and `make test` from nothing, and one line of report.
# Usage, as root: tools/matrix.sh [--keep] [12] [13]. --keep leaves the trees for a quicker next run.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
trees=${TMPDIR:-/var/tmp}
keep='' releases=()
for argument; do
  case $argument in
    --keep) keep=1 ;;
    12|13) releases+=("$argument") ;;
    *) sed -n '2,4s/^# //p' "$0" >&2; exit 2 ;;
  esac
done
[ ${#releases[@]} -gt 0 ] || releases=(12 13)

fail() { printf 'matrix: %s\n' "$*" >&2; exit 1; }
[ "$(id -u)" = 0 ] || fail "run this as root: it makes system trees and enters them by chroot"
command -v debootstrap >/dev/null || fail "install debootstrap first: apt-get install debootstrap"
[ -z "$(git status --porcelain)" ] || printf 'matrix: what is not committed is not tested\n' >&2

# The mirror is the one this machine uses; DEBIAN_MIRROR names another, or the one where this machine is no Debian.
# shellcheck disable=SC2016
mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(ORIGIN) $(LABEL) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
  awk '$1 == "Debian" && $2 == "Debian" && $3 == "main" {print $4; exit}')}
[ -n "$mirror" ] || fail "no Debian mirror is configured on this machine: set DEBIAN_MIRROR"

host_settings() { # tree: apt's, pip's and the certificates' settings of this machine
  local file
  apt-config dump | grep -E '^Acquire::(Check-|Retries|http|https)' > "$1/etc/apt/apt.conf.d/90host" || true
  mkdir -p "$1/usr/local/share/ca-certificates"
  find /usr/local/share/ca-certificates -name '*.crt' -exec cp {} "$1/usr/local/share/ca-certificates/" \; 2>/dev/null || true
  [ ! -x "$1/usr/sbin/update-ca-certificates" ] || chroot "$1" update-ca-certificates >/dev/null 2>&1
  for file in .config/pip/pip.conf .pip/pip.conf; do
    [ ! -f "$HOME/$file" ] || install -D "$HOME/$file" "$1/root/$file"
  done
  [ ! -f /etc/pip.conf ] || cp /etc/pip.conf "$1/etc/pip.conf"
}

inside() { # tree, command: in the tree, with a mount namespace of its own, so that nothing is left mounted
  local tree=$1 variable folders; shift
  local -a environment=(HOME=/root LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin)
  while IFS= read -r variable; do environment+=("$variable"); done \
    < <(env | grep -iE '^(PIP_|SSL_CERT_|REQUESTS_CA_BUNDLE=|https?_proxy=|no_proxy=)' || true)
  # Folders of packages on this machine that its pip is set to look in; an index's files stand beside it.
  folders=$( (python3 -m pip config list 2>/dev/null || true) | grep -oE "(file://)?/[^ ']+" |
             sed -E 's,^file://(.*)/[^/]+/?$,\1,' | sort -u)
  # shellcheck disable=SC2016
  TREE=$tree FOLDERS=$folders SHARED=$root/../shared unshare --mount --propagation private bash -c '
    set -e
    mount -t proc proc "$TREE/proc"
    mount -t tmpfs tmpfs "$TREE/dev/shm"
    while IFS= read -r folder; do
      [ -d "$folder" ] || continue
      mkdir -p "$TREE$folder"
      mount --bind -o ro "$folder" "$TREE$folder"
    done <<<"$FOLDERS"
    if [ -d "$SHARED" ]; then # the real layers stand beside the clone as beside this checkout
      mkdir -p "$TREE/root/shared"
      mount --bind -o ro "$SHARED" "$TREE/root/shared"
    fi
    exec chroot "$TREE" env -i "$@"' -- "${environment[@]}" "$@"
}

bring_clone() { # tree: the committed state, a clean clone; a kept tree keeps its virtual environment
  local clone=$1/root/redline_review
  [ -d "$clone" ] || git init -q "$clone"
  git -C "$clone" fetch -q --depth 1 "file://$root" HEAD
  git -C "$clone" checkout -qf --detach FETCH_HEAD
  git -C "$clone" clean -qfdx -e .venv
}

step() { # tree, log, make target: prints ok or FAILED and the minutes it took
  local start=$SECONDS result=ok
  inside "$1" make -C /root/redline_review "$3" >>"$2" 2>&1 </dev/null || result=FAILED
  printf 'make %s %s in %d:%02d' "$3" "$result" $(((SECONDS - start) / 60)) $(((SECONDS - start) % 60))
}

prove() { # release
  local tree=$trees/redline-matrix-$1 log=$trees/redline-matrix-$1.log start=$SECONDS made='tree kept' name
  name=$([ "$1" = 12 ] && echo bookworm || echo trixie)
  : >"$log"
  if [ ! -f "$tree/.bare" ]; then
    rm -rf --one-file-system "$tree"
    debootstrap --variant=minbase --include=git,make "$name" "$tree" "$mirror" >>"$log" 2>&1 ||
      fail "debootstrap failed, see $log"
    touch "$tree/.bare"
    made=$(printf 'tree in %d:%02d' $(((SECONDS - start) / 60)) $(((SECONDS - start) % 60)))
  fi
  host_settings "$tree"
  bring_clone "$tree"
  local demo test versions
  demo=$(step "$tree" "$log" demo)
  test=$(step "$tree" "$log" test)
  versions=$(sed -n 's/^setup: ready: //p' "$log" | tail -n 1)
  printf 'Debian %s: %s; %s; %s; %s (%s); log %s\n' "$1" "${versions:-not set up}" "$made" "$demo" "$test" \
    "$(grep -E '^=+ .*(passed|failed|error).* in ' "$log" | tail -n 1 | tr -d '=' | xargs)" "$log"
  [ -n "$keep" ] || rm -rf --one-file-system "$tree"
  [[ $demo$test != *FAILED* ]]
}

failed=0
for release in "${releases[@]}"; do prove "$release" || failed=1; done
exit "$failed"
