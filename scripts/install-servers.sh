#!/bin/sh
# Installs the real servers that the tests start: Postgres, from Debian's packages. Does nothing when it is there already.
# Run as root: sh scripts/install-servers.sh
set -eu

found=$(command -v initdb || ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | tail -n 1 || true)
if [ -n "$found" ]; then
  echo "Postgres is installed: $found"
  exit 0
fi

if ! command -v apt-get >/dev/null; then
  echo "There is no apt-get here. Install a Postgres server in another way, with initdb on PATH." >&2
  exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "Installing packages needs root: run this script with sudo." >&2
  exit 1
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
