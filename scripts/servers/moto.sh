#!/bin/sh
# Installs the S3 stand-in moto from the Python package registry into .servers/moto, for the tests. Needs python3 with venv. Quick when it is there already.
set -eu
cd "$(dirname "$0")/../.."

version=5.2.5
folder=.servers/moto
stamp="$folder/version"

if [ -x "$folder/bin/moto_server" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$version" ]; then
  echo "moto $version is installed: $folder/bin/moto_server"
  exit 0
fi

echo "Installing moto $version."
[ -x "$folder/bin/python" ] || python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check "moto[server,s3]==$version"
echo "$version" >"$stamp"
echo "moto $version is installed: $folder/bin/moto_server"
