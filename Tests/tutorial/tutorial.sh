# A tutorial as they stand on the web: two labs in the old grammar, for root and the real programs, or for anybody and
# netnsd's. Tests/tutorial/run has both run it and compares what they see.

ip link set lo up
ip -br link

# Two routers' worth of namespaces, joined by a cable.
sudo ip netns add client
sudo ip netns add gateway
sudo ip netns add server
ip netns list
ip netns
ip link add type veth
ip l show veth0
ip link set dev veth0 name c-eth netns client
ip link set dev veth1 name g-client netns gateway
ip link add svr-veth type veth peer name g-server
ip link set svr-veth netns server
ip link set g-server netns gateway
ip -br l
ip netns exec client ip link
ip -n gateway -br link
ip netns exec client ifconfig c-eth 192.168.100.2 netmask 255.255.255.0 up
ip netns exec gateway ifconfig g-client 192.168.100.1 up
ip netns exec gateway ifconfig g-server 10.0.100.1 netmask 255.255.255.0 up
ip netns exec server ip addr add 10.0.100.2/24 dev svr-veth
ip netns exec server ip link set dev svr-veth up
ip -n server link set lo up
ip netns exec client ifconfig lo up
ip netns exec gateway sysctl -w net.ipv4.ip_forward=1
ip netns exec gateway sysctl -n net.ipv4.ip_forward
ip netns exec client route add default gw 192.168.100.1
ip netns exec server route add -net 192.168.100.0 netmask 255.255.255.0 gw 10.0.100.1
ip netns exec client netstat -rn
ip netns exec server route -n
ip netns exec gateway ip r
ip -n client r s
ip -n client -j route
ip -n server -4 -o addr
ip -n gateway -j -br addr | grep -o '"ifname":"[a-z-]*"'
ip netns exec client ip route get 10.0.100.2
ip netns exec client ping -c 2 -W 2 10.0.100.2
ip netns exec client ping -c 1 -W 2 192.168.100.1
ip -n client neigh show dev c-eth | cut -d ' ' -f 1
ip netns exec client ifconfig c-eth | grep inet
ip netns exec server ifconfig -a | grep -E 'flags|inet '

# A shell in a namespace, its commands from a pipe.
cat <<'END' | ip netns exec client bash
ip link show c-eth | head -1
ip addr add 192.168.100.3/24 dev c-eth
ip -o -4 a show dev c-eth
ip a d 192.168.100.3/24 dev c-eth
ip -4 a s c-eth | grep -c inet
ifconfig c-eth mtu 1400
ip l sh c-eth | grep -o 'mtu 1400'
ip netns identify
END
echo 'hostname >/dev/null; ip -br addr show lo' | ip netns exec server bash

# A file of commands.
cat >batch <<'END'
# comments are skipped
link add A type veth peer name B
link set A up
link set B up
addr add 172.16.0.1/24 dev A   # so are these
addr add 172.16.0.2/24 dev B
route add 172.17.0.0/16 via 172.16.0.9
END
ip -n client -batch batch
ip -n client route
ip -n client -b - <<'END'
link del A
link del nosuch
link add never type veth
END
echo "a batch that fails: $?"
ip -n client -force -batch - <<'END'
link del nosuch
link add A type veth peer name B
link del A
END

# The second lab: a bridge between two namespaces.
ip netns add net0
ip netns add net1
ip netns add bridge
ip netns exec bridge brctl addbr br
ip link add net0-bridge type veth peer name bridge-net0
ip link set net0-bridge netns net0
ip link set bridge-net0 netns bridge
ip link add net1-bridge netns net1 type veth peer name bridge-net1 netns bridge
ip netns exec bridge brctl addif br bridge-net0
ip -n bridge link set bridge-net1 master br
ip netns exec bridge brctl show | cut -f 1,5-
for link in br bridge-net0 bridge-net1; do ip -n bridge link set dev $link up; done
ip netns exec net0 ifconfig net0-bridge 10.0.1.1/24 up
ip netns exec net1 ifconfig net1-bridge 10.0.1.2/24 up
sleep 3
ip netns exec net0 ping -c 2 -W 2 10.0.1.2
ip -n bridge -br link show master br
ip -n bridge -j link show type bridge | grep -o '"ifname":"[a-z]*"'
ip netns exec bridge brctl stp br on
ip netns exec bridge brctl show br | cut -f 1,4
ip -n net0 -s link show net0-bridge | grep -c RX
ip -n net0 rule add from 10.0.1.0/24 table 100
ip -n net0 route add default via 10.0.1.254 table 100
ip -n net0 rule
ip -n net0 r s t 100
ip -n net0 rule del from 10.0.1.0/24 table 100
ip -6 -n net0 addr add fd00::1/64 dev net0-bridge nodad
ip -n net0 -6 addr show dev net0-bridge scope global
ip netns exec net0 ping -6 -c 1 -W 2 fd00::1

# What goes wrong, and what scripts make of it.
ip netns add net0
echo "again: $?"
ip link set nosuch up
echo "no such link: $?"
ip -n net0 addr add 10.0.1.1/24 dev net0-bridge
echo "no such luck: $?"
ip -n nowhere link
echo "no such namespace: $?"
ip netns exec net0 nosuchprogram
echo "no such program: $?"
ip netns exec net0 sh -c 'exit 3'
echo "a program's own: $?"
ip -n net0 route del 10.99.0.0/16 || echo "nothing to delete"
ip netns exec net0 ip link show up | grep -c mtu

# And away with it.
ip netns pids net0
ip netns del net0
ip netns delete net1
ip netns list | sort
ip -all netns exec true
ip -all netns delete
ip netns list
ip link add type bridge
ip link show type bridge | grep -c bridge0
ip link del bridge0
ip -br link
