# Sourced by contrib/demo and contrib/test: a network, a mount namespace and a /run of their own, an agent in them, and
# ordinary users that exist nowhere else. Nothing of it reaches the host, and all of it ends with the last process in it.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
sandbox=/run/netnsd-sandbox
agent=

# Whether this script is apart from the process that started it.
is_sandboxed() {
    local outer inner kind
    for kind in net mnt; do
        outer=$(readlink "/proc/$PPID/ns/$kind") && inner=$(readlink "/proc/self/ns/$kind") || return 1
        [[ $outer != "$inner" ]] || return 1
    done
}

# enter_sandbox SCRIPT ARGUMENT…: begins SCRIPT anew in namespaces of its own, unless it is in them.
enter_sandbox() {
    is_sandboxed && return
    ((EUID == 0)) || { printf '%s: needs root: the agent does\n' "$1" >&2; exit 1; }
    exec unshare --net --mount --propagation private -- "$@"
}

# prepare_sandbox BINARIES USER…: /run is empty but for $sandbox/bin (netnsd and its kin), $sandbox/source (contrib and
# protocol) and a directory for each user. They are copies, because this project may lie where only root may look.
prepare_sandbox() {
    local binaries=$1 user number=59000
    shift
    is_sandboxed || exit 1
    mount -t tmpfs -o mode=755 tmpfs /run
    ip link set lo up
    mkdir -p "$sandbox"/{bin,source,home}
    install --mode=755 --target-directory="$sandbox/bin" "$binaries"/{netnsd,netnsd-spawn,netnsctl}
    find "$binaries" -maxdepth 1 -name 'lib*.so' -exec cp --target-directory="$sandbox/bin" {} +
    cp -R "$root"/{contrib,protocol} "$sandbox/source"
    chmod -R a+rX "$sandbox"
    cp /etc/passwd /etc/group "$sandbox"
    for user in "$@"; do
        while getent passwd "$number" >/dev/null || getent group "$number" >/dev/null; do ((++number)); done
        sed -i "/^$user:/d" "$sandbox/passwd" "$sandbox/group"
        echo "$user:x:$number:$number::$sandbox/home/$user:/bin/bash" >>"$sandbox/passwd"
        echo "$user:x:$number:" >>"$sandbox/group"
        install -d -o "$number" -g "$number" "$sandbox/home/$user"
        ((++number))
    done
    # Seen only here: the host's account database is not touched.
    mount --bind "$sandbox/passwd" /etc/passwd
    mount --bind "$sandbox/group" /etc/group
}

# as USER PROGRAM…: with the user's identity, no capability, and the socket in the environment.
as() {
    local user=$1
    shift
    (
        cd "$sandbox/home/$user" 2>/dev/null || cd /
        exec setpriv --reuid="$user" --regid="$user" --init-groups --inh-caps=-all --reset-env \
            env PATH="$sandbox/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin" TERM="${TERM:-dumb}" \
            NETNSD_SOCKET="$sandbox/netnsd.sock" "$@"
    )
}

# start_agent OPTION…: and waits until it serves. What it says is in $sandbox/agent.log.
start_agent() {
    local tries
    # Whatever becomes of this shell, the agent ends with it.
    setpriv --pdeathsig TERM "$sandbox/bin/netnsd" --socket "$sandbox/netnsd.sock" --state-directory "$sandbox/state" "$@" \
        2>"$sandbox/agent.log" &
    agent=$!
    for ((tries = 0; tries < 200; tries++)); do
        "$sandbox/bin/netnsctl" info --socket "$sandbox/netnsd.sock" &>/dev/null && return
        kill -0 "$agent" 2>/dev/null || break
        sleep 0.05
    done
    echo "the agent does not serve:" >&2
    cat "$sandbox/agent.log" >&2
    return 1
}

# Ends what people still run and then the agent. Safe to call at any time.
stop_agent() {
    [[ -n $agent ]] || return 0
    local control=$sandbox/bin/netnsctl socket=(--socket "$sandbox/netnsd.sock") names
    names=$("$control" list --all-users --quiet "${socket[@]}" 2>/dev/null) || true
    # shellcheck disable=SC2086 # one word a name
    [[ -z $names ]] || "$control" delete --kill "${socket[@]}" $names || true
    kill -TERM "$agent" 2>/dev/null || true
    wait "$agent" 2>/dev/null || true
    agent=
}
