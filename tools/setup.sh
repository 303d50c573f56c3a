#!/usr/bin/env bash
# Sets up what is missing to run, test and package the plugin from this checkout: QGIS, the Python libraries
# linked to the same GEOS, PROJ and GDAL as QGIS, and the virtual environment .venv. What is there is left alone.
# Usage: tools/setup.sh, on Debian 12 or 13, as root or with sudo. docs/development.md says why each part is there.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
venv=$root/.venv
export DEBIAN_FRONTEND=noninteractive PIP_DISABLE_PIP_VERSION_CHECK=1 PROJ_DATA=/usr/share/proj

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }
quietly() { # the command's output is shown only where it fails
  local log; log=$(mktemp)
  if ! "$@" >"$log" 2>&1; then cat "$log" >&2; rm -f "$log"; fail "this failed: $*"; fi
  rm -f "$log"
}

# ----------------------------------------------------------------------------- what this machine needs
debian=$(sed -n 's/^VERSION_ID="\(.*\)"/\1/p' /etc/os-release 2>/dev/null || true)
grep -qx 'ID=debian' /etc/os-release 2>/dev/null || debian=
packages=(qgis python3-qgis python3-gdal git make ca-certificates
          python3-venv python3-dev build-essential cmake ninja-build pybind11-dev libgeos-dev libgdal-dev
          python3-numpy python3-pandas python3-pyproj python3-rasterio python3-fiona
          python3-openpyxl python3-docx
          qttools5-dev-tools xvfb xauth fonts-noto-cjk fonts-open-sans poppler-utils)
case $debian in
  12) release=bookworm native=(shapely pyogrio exactextract) ;;
  13) release=trixie native=(exactextract); packages+=(python3-shapely python3-geopandas python3-pyogrio) ;;
  *) fail "This sets up Debian 12 and 13. Elsewhere install QGIS 3.40 or later with its Python bindings and, linked" \
          "to the same GEOS, PROJ and GDAL as QGIS (on Linux not PyPI's wheels), the libraries of requirements.txt;" \
          "then tools/requirements-dev.txt in .venv: docs/development.md, \"Other systems\"." ;;
esac

# ----------------------------------------------------------------------------- packages from Debian
mapfile -t installed < <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null | sed -n 's/^installed //p')
mapfile -t missing < <(printf '%s\n' "${packages[@]}" | grep -vxF "$(printf '%s\n' "${installed[@]}")" || true)
qgis_version=$(dpkg-query -W -f '${Version}' python3-qgis 2>/dev/null || true)
if [ -n "$qgis_version" ] && dpkg --compare-versions "${qgis_version#*:}" lt 3.40; then
  missing+=(qgis python3-qgis)
fi

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo env DEBIAN_FRONTEND="$DEBIAN_FRONTEND" "$@"; fi
}

if [ ${#missing[@]} -gt 0 ]; then
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null || fail "As root (or install sudo) for these packages: ${missing[*]}"
  say "installing from Debian: ${missing[*]}"
  quietly as_root apt-get update
  # Backports come from the mirror this machine already uses. The pin keeps all but QGIS on the release itself:
  # "apt-get -t $release-backports" would drag in newer image libraries, after which libgdal-dev cannot be installed.
  # shellcheck disable=SC2016
  targets=$(apt-get indextargets --format '$(CODENAME) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages')
  if ! grep -q "^$release-backports main " <<<"$targets"; then
    mirror=$(awk -v release="$release" '$1 == release && $2 == "main" {print $3; exit}' <<<"$targets")
    [ -n "$mirror" ] || fail "No Debian mirror with $release main is configured on this machine."
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $release-backports main" \
      | as_root tee "/etc/apt/sources.list.d/$release-backports.list" >/dev/null
  fi
  printf 'Package: qgis* libqgis* python3-qgis*\nPin: release n=%s-backports\nPin-Priority: 900\n' "$release" \
    | as_root tee /etc/apt/preferences.d/redline-qgis >/dev/null
  quietly as_root apt-get update
  # Without what is only recommended: GRASS and its plugin, which nothing here uses.
  quietly as_root apt-get install -y --no-install-recommends "${missing[@]}"
fi

# ----------------------------------------------------------------------------- the virtual environment
# Made anew when Python or the place changed (its scripts hold absolute paths), brought up to date when a list did.
made_for="$(/usr/bin/python3 -V) $root"
lists=$(cat tools/setup.sh requirements.txt tools/requirements-dev.txt | sha256sum)
[ "$(cat "$venv/.made-for" 2>/dev/null)" = "$made_for" ] || rm -rf "$venv"
if [ "$(cat "$venv/.lists" 2>/dev/null)" != "$lists" ]; then
  say "filling .venv: ${native[*]} built against the system's libraries (minutes the first time), test tools"
  [ -d "$venv" ] || quietly /usr/bin/python3 -m venv --system-site-packages "$venv"
  echo "$made_for" > "$venv/.made-for"
  # Wheels that bundle GEOS, PROJ or GDAL crash QGIS on Linux: those are compiled here, the rest stays Debian's.
  /usr/bin/python3 - > "$venv/held.txt" <<'PYTHON'
import fiona, numpy, pandas, pyproj, rasterio
for library in (fiona, numpy, pandas, pyproj, rasterio):
    print(f"{library.__name__}=={library.__version__}")
PYTHON
  quietly "$venv/bin/pip" install --no-binary "$(IFS=,; echo "${native[*]}")" -c "$venv/held.txt" \
          -r requirements.txt -r tools/requirements-dev.txt
  bundled=$(find "$venv/lib" -maxdepth 4 -type d -name '*.libs' \
            | grep -E '/(shapely|pyproj|pyogrio|fiona|rasterio|exactextract)\.libs$' || true)
  [ -z "$bundled" ] || fail "These bring their own GEOS, PROJ or GDAL and would crash QGIS: $bundled"
  # The plugin is imported as redline_review through a link in a folder of its own: the root itself must never be
  # on sys.path, where our processing/ would shadow QGIS's. PROJ's data is not found from inside an environment.
  mkdir -p "$venv/plugins"
  ln -sfn "$root" "$venv/plugins/redline_review"
  site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  printf '%s\n' "$venv/plugins" "import os; os.environ.setdefault('PROJ_DATA', '/usr/share/proj')" > "$site/redline_review.pth"
  echo "$lists" > "$venv/.lists"
fi
say "ready: QGIS $(dpkg-query -W -f '${Version}' python3-qgis), $("$venv/bin/python" -c '
import pyogrio, pyproj, shapely
gdal, geos = (".".join(map(str, version)) for version in (pyogrio.__gdal_version__, shapely.geos_version))
print(f"GEOS {geos}, PROJ {pyproj.proj_version_str}, GDAL {gdal}")')"
