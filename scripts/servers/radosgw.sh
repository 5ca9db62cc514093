#!/bin/sh
# Installs Ceph's S3 server radosgw with its monitor and store from Debian's packages, for the tests, which start their own cluster.
# Run as root: sh scripts/servers/radosgw.sh. Quick when it is there already.
set -eu

missing() {
  for program in radosgw radosgw-admin ceph ceph-mon ceph-osd ceph-authtool monmaptool; do
    command -v "$program" >/dev/null || return 0
  done
  return 1
}

if ! missing; then
  echo "radosgw is installed: $(command -v radosgw)"
  exit 0
fi
if ! command -v apt-get >/dev/null; then
  echo "There is no apt-get here. Install radosgw, ceph-mon, ceph-osd and ceph in another way, on PATH." >&2
  exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "Installing packages needs root: run this script with sudo." >&2
  exit 1
fi

echo "Installing the Debian packages radosgw, ceph-mon and ceph-osd."
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends radosgw ceph-mon ceph-osd >/dev/null
if missing; then
  echo "The packages are installed, but radosgw or a program it needs is not on PATH." >&2
  exit 1
fi
echo "radosgw is installed: $(command -v radosgw)"
