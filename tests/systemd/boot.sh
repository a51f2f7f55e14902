#!/bin/sh
# Boots systemd on an overlay of this machine's files; ends with everything in it at SIGTERM. To be run in a mount
# namespace of its own (unshare --mount), so that what is mounted here is gone then.
# boot.sh BASE PREPARED PYTHON SITE CHECKOUT NAME GROUP...: a folder to mount things in, files for the machine, the
# folders of the interpreter and of its packages, the checkout, the machine's name, control groups to join
set -eu
base=$1 prepared=$2 python=$3 site=$4 checkout=$5 name=$6
shift 6
for group; do
    echo $$ >"$group/cgroup.procs"
done
mount -t tmpfs tmpfs "$base"
mkdir "$base/root" "$base/upper" "$base/work" "$base/code"
cp -a "$prepared/." "$base/upper/"
cp -a "$checkout/watcher" "$checkout/storage" "$base/code/"
mount -t overlay overlay -o "lowerdir=/,upperdir=$base/upper,workdir=$base/work" "$base/root"
mount --bind "$python" "$base/root/opt/python"
packages=$(echo "$base"/root/opt/watcher/lib/python*/site-packages)
mount -t overlay overlay -o "lowerdir=$base/code:$site" "$packages"
ldconfig -r "$base/root"
# the container's own filter must not deny what the unit's allows
exec systemd-nspawn --system-call-filter="landlock_create_ruleset landlock_add_rule landlock_restrict_self" \
    --kill-signal=SIGKILL --quiet --directory="$base/root" --private-network --machine="$name" --register=no --keep-unit \
    --boot systemd.unit=basic.target
