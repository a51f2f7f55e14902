#!/bin/sh
# The command `watcher` on a machine where the service runs by systemd: installed as /usr/local/bin/watcher, it looks
# where the unit does. To be run with sudo; people without it can be let at the control socket (see watcher.service).
export WATCHER_CONFIG="${WATCHER_CONFIG:-/etc/watcher/watcher.toml}"
export STATE_DIRECTORY=/var/lib/watcher RUNTIME_DIRECTORY=/run/watcher
export CREDENTIALS_DIRECTORY=/run/credentials/watcher.service
exec /opt/watcher/bin/watcher "$@"
