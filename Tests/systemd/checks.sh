# Runs in the booted system of Tests/systemd/run: what the units claim, seen to be so. alice is an ordinary user.
set -uo pipefail
export SYSTEMD_COLORS=0 SYSTEMD_PAGER=
passed=0 failed=0
program=

alice() { setpriv --reuid=alice --regid=alice --init-groups --reset-env env PATH="$PATH" "$@"; }
property() { systemctl show "$1" --property="$2" --value; }
main_pid() { property netnsd.service MainPID; }

check() {
    local what=$1
    shift
    if "$@"; then
        ((++passed))
    else
        ((++failed))
        printf 'FAILED: %s\n' "$what"
        systemctl --no-pager --lines=5 status netnsd.service
    fi
}

# eventually COMMAND…: within thirty seconds.
eventually() {
    local tries
    for ((tries = 0; tries < 300; tries++)); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.1
    done
    "$@"
}

is() { [[ $1 == "$2" ]] || { printf '"%s", not "%s"\n' "$1" "$2"; return 1; }; }
isnt() { [[ $1 != "$2" ]] || { printf '"%s" still\n' "$1"; return 1; }; }
contains() { [[ $1 == *"$2"* ]] || { printf '"%s" is not in: %s\n' "$2" "$1"; return 1; }; }

units_are_clean() {
    local complaints
    complaints=$(systemd-analyze verify --man=no netnsd.socket netnsd.service 2>&1) || { echo "$complaints"; return 1; }
    complaints=$(grep netnsd <<<"$complaints") || return 0
    echo "$complaints"
    return 1
}

runs() { kill -0 "$program" 2>/dev/null; }

is_another_agent() {
    local pid
    pid=$(main_pid)
    [[ $pid != 0 && $pid != "$1" && $(property netnsd.service ActiveState) == active ]]
}

is_given_up() { is "$(property netnsd.service ActiveState)" failed; }

# The figure of systemd-analyze security, in tenths, is no more than it says in the README.
is_no_more_exposed_than() {
    local figure
    figure=$(systemd-analyze security --no-pager netnsd.service | sed -n 's/.*exposure level[^:]*: \([0-9]*\)\.\([0-9]\).*/\1\2/p')
    [[ -n $figure ]] && ((figure <= $1)) || { printf 'exposure is %s tenths\n' "$figure"; return 1; }
}

# The bounding set of a process has none but these bits; what the machine has not to give it lacks.
is_bounded() {
    local bound
    bound=$(sed -n 's/^CapBnd:\s*//p' "/proc/$1/status")
    (((16#$bound & ~16#$2) == 0)) || { echo "$bound"; return 1; }
}

# What alice has is what she had.
is_undisturbed() {
    contains "$(alice netnsctl list)" server && contains "$(alice netnsctl get server)" "$program" && runs
}

# MARK: the checks

check "systemd-analyze verify has nothing to say" units_are_clean
check "the service waits for somebody to come" is "$(property netnsd.service ActiveState)" inactive
check "alice makes a namespace" alice netnsctl add server client
check "the service has started" is "$(property netnsd.service ActiveState)" active
check "the namespace is on the host, for root to see" contains "$(ip netns list)" alice:server
check "the agent is in the host's mount namespace" \
    is "$(readlink "/proc/$(main_pid)/ns/mnt")" "$(readlink /proc/1/ns/mnt)"
check "the agent has given up what it does not need" grep --quiet '^CapEff:.*0000283821$' "/proc/$(main_pid)/status"
check "netnsd-spawn has not" grep --quiet '^Seccomp:.*\b0$' "/proc/$(pgrep --parent "$(main_pid)" netnsd-spawn)/status"
spawner=$(pgrep --parent "$(main_pid)" netnsd-spawn)
check "netnsd-spawn has what the unit gives it and no more" is_bounded "$spawner" 0000000001a839e3
check "no setuid program gives netnsd-spawn anything" grep --quiet '^NoNewPrivs:.*1$' "/proc/$spawner/status"
check "systemd-analyze security says no more than 8.5" is_no_more_exposed_than 85
check "a cable" alice netnsctl connect server/eth0 client/eth0 --address 10.0.0.1/24 --peer-address 10.0.0.2/24
check "ping across it" alice netnsctl exec server -- ping -q -c 1 10.0.0.2

alice netnsctl exec server -- sh -c 'echo $$ >/tmp/program; exec sleep 1000' &
check "a program runs" eventually test -s /tmp/program
program=$(cat /tmp/program)

first=$(main_pid)
check "restart" systemctl restart netnsd.service
check "a restart brings another agent" is_another_agent "$first"
check "a restart disturbs nothing" is_undisturbed

first=$(main_pid)
kill -KILL "$first"
check "another agent comes after SIGKILL" eventually is_another_agent "$first"
check "SIGKILL disturbs nothing" is_undisturbed

systemctl stop netnsd.service 2>/dev/null
check "the state outlives the service" test -d /run/netnsd/state
check "stopped and asked for again, it disturbs nothing" is_undisturbed

mkdir -p /etc/netnsd
printf 'version: 1\nusers: {alice: {namespaces: 2}}\n' >/etc/netnsd/policy.yaml
check "reload" systemctl reload netnsd.service
refusal() { contains "$(alice netnsctl add third 2>&1)" "2 of 2 (users.alice in /etc/netnsd/policy.yaml)"; }
check "the new policy holds" eventually refusal
check "the service is active after a reload" eventually is "$(property netnsd.service ActiveState)" active
good=$(cat /etc/netnsd/policy.yaml)
echo 'users: [' >/etc/netnsd/policy.yaml
systemctl reload netnsd.service
check "a bad policy leaves the old one in force" refusal
echo "$good" >/etc/netnsd/policy.yaml

# A policy that is bad when the agent starts.
systemctl stop netnsd.service 2>/dev/null
echo 'users: [' >/etc/netnsd/policy.yaml
check "without a policy that can be read nobody is served" isnt "$(timeout 20 netnsctl list >/dev/null 2>&1; echo $?)" 0
check "the service gives up" eventually is_given_up
echo "$good" >/etc/netnsd/policy.yaml
systemctl reset-failed netnsd.service netnsd.socket
check "mended, it starts again" systemctl start netnsd.socket
check "and that disturbed nothing" is_undisturbed

# The watchdog, with less patience than the unit has, for this boot only.
mkdir -p /run/systemd/system/netnsd.service.d
printf '[Service]\nWatchdogSec=2\n' >/run/systemd/system/netnsd.service.d/watchdog.conf
systemctl daemon-reload
systemctl restart netnsd.service
first=$(main_pid)
sleep 3
check "an agent that feeds the watchdog is left alone" is "$(main_pid)" "$first"
kill -STOP "$first"
check "an agent that hangs is replaced" eventually is_another_agent "$first"
check "and that disturbs nothing" is_undisturbed

# Everything that a person's process may have and its program is given, with the capabilities that the unit leaves.
check "a program has its caller's nice value, limits and out-of-memory score" \
    is "$(alice sh -c 'echo 500 >/proc/self/oom_score_adj; ulimit -n 77; nice -n 5 netnsctl exec server -- sh -c "
        nice; ulimit -n; cat /proc/self/oom_score_adj"' | tr '\n' ' ')" "5 77 500 "
printf 'version: 1\nusers: {alice: {delegate: true}}\n' >/etc/netnsd/policy.yaml
systemctl reload netnsd.service
check "a delegated namespace" eventually alice netnsctl add --delegate firewall
check "alice holds the capabilities over it" alice netnsctl exec firewall -- ip link add br0 type bridge
check "and over nothing else" isnt "$(alice netnsctl exec firewall -- sh -c 'hostname x 2>/dev/null; echo $?')" 0

# The audit trail is in the journal, in fields.
in_journal() { [[ -n $(journalctl --quiet --output=cat _COMM=netnsd "$@") ]]; }
check "what alice asked for is in the journal" \
    eventually in_journal NETNSD_USER=alice NETNSD_METHOD=netns.add NETNSD_OUTCOME=ok NETNSD_NETNS=alice:server
check "what was refused is, too" eventually in_journal NETNSD_METHOD=netns.add NETNSD_OUTCOME=quota-exceeded
check "alice sees her own" contains "$(alice netnsctl log)" alice:firewall
check "what is written down is what there is" netnsd --check-state

check "alice deletes what she has" alice netnsctl delete --kill server client firewall
check "the program ends with its namespace" eventually isnt "$(runs && echo runs)" runs
printf '%d passed, %d failed\n' "$passed" "$failed"
