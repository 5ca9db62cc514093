#!/bin/sh
# Builds the S3 server versitygw from the Go module proxy into .servers/bin, for the tests. Needs Go. Quick when it is there already.
set -eu
cd "$(dirname "$0")/../.."

version=v1.8.0
program=.servers/bin/versitygw
stamp=.servers/versitygw.version

if [ -x "$program" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$version" ]; then
  echo "versitygw $version is installed: $program"
  exit 0
fi
if ! command -v go >/dev/null; then
  echo "versitygw is built with Go, which is not on PATH. Install Go, then run this script again." >&2
  exit 1
fi

echo "Building versitygw $version (a few minutes the first time)."
mkdir -p .servers/bin
GOBIN="$PWD/.servers/bin" go install "github.com/versity/versitygw/cmd/versitygw@$version"
echo "$version" >"$stamp"
echo "versitygw $version is installed: $program"
