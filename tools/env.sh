# shellcheck shell=bash
# Sourced by the launchers: the environment in which QGIS loads this checkout's plugin and its libraries.
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
venv=$root/.venv
[ -f "$venv/.lists" ] || "$root/tools/setup.sh"
site=$(echo "$venv"/lib/python3*/site-packages)
# A profile of its own: neither the user's plugins nor the user's settings have a part in what is run here.
export QGIS_CUSTOM_CONFIG_PATH=$venv/profile
export QGIS_PLUGINPATH=$venv/plugins
export PYTHONPATH=${PYTHONPATH:+$PYTHONPATH:}$site
export PROJ_DATA=${PROJ_DATA:-/usr/share/proj}
settings=$QGIS_CUSTOM_CONFIG_PATH/profiles/default/QGIS/QGIS3.ini
if [ ! -f "$settings" ]; then
  mkdir -p "$(dirname "$settings")"
  printf '[PythonPlugins]\nprocessing=true\nredline_review=true\n' > "$settings"
fi
