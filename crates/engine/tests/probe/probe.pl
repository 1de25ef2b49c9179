#!/usr/bin/perl
# Tries each way out of a sandbox from inside, and prints one line a try: verdict, name, detail.
#
#   refused   the kernel said no           allowed   it did not
#   fact      something to compare         failed    the probe itself could not try
#
# Perl, because it is in every Debian image, git needs it, and it can make any system call by number.
use strict;
use warnings;
use Errno;
use Socket;

$| = 1;
my ($machine) = (POSIX_uname());

sub POSIX_uname { my $m = `uname -m`; chomp $m; return $m }
sub say_ { my ($verdict, $name, $detail) = @_; $detail //= ''; $detail =~ s/\s+/ /g; print "$verdict\t$name\t$detail\n" }

# name => [x86_64, aarch64, arguments...]

my $buffer = "\0" x 256;
my @calls = (
    [unshare_user     => 272, 97, 0x10000000],
    [unshare_mount    => 272, 97, 0x00020000],
    [unshare_net      => 272, 97, 0x40000000],
    [unshare_pid      => 272, 97, 0x20000000],
    [clone_new_user   => 56, 220, 0x10000000 | 17, 0, 0, 0, 0],
    [clone3           => 435, 435, $buffer, 88],
    [setns            => 308, 268, 0, 0],
    [mount            => 165, 40, "none", "/tmp", "tmpfs", 0, 0],
    [umount2          => 166, 39, "/tmp", 0],
    [pivot_root       => 155, 41, "/tmp", "/tmp"],
    [chroot           => 161, 51, "/tmp"],
    [fsopen           => 430, 430, "tmpfs", 0],
    [open_tree        => 428, 428, -100, "/", 1],
    [move_mount       => 429, 429, -100, "/tmp", -100, "/tmp", 0],
    [mount_setattr    => 442, 442, -100, "/", 0, $buffer, 32],
    [ptrace_traceme   => 101, 117, 0, 0, 0, 0],
    [ptrace_attach    => 101, 117, 16, 1, 0, 0],
    [process_vm_readv => 310, 270, 1, $buffer, 1, $buffer, 1, 0],
    [process_vm_writev => 311, 271, 1, $buffer, 1, $buffer, 1, 0],
    [pidfd_getfd      => 438, 438, 0, 0, 0],
    [kcmp             => 312, 272, 1, 1, 0, 0, 0],
    [keyctl           => 250, 219, 0, -3, 1],
    [add_key          => 248, 217, "user", "shipstack", "x", 1, -3],
    [request_key      => 249, 218, "user", "shipstack", 0, 0],
    [bpf              => 321, 280, 0, $buffer, 128],
    [userfaultfd      => 323, 282, 0],
    [perf_event_open  => 298, 241, $buffer, 0, -1, -1, 0],
    [open_by_handle_at => 304, 265, -100, $buffer, 0],
    [name_to_handle_at => 303, 264, -100, "/", $buffer, $buffer, 0],
    [io_uring_setup   => 425, 425, 8, $buffer],
    [io_uring_enter   => 426, 426, 0, 0, 0, 0, 0, 0],
    [io_uring_register => 427, 427, 0, 0, 0, 0],
    [fanotify_init    => 300, 262, 0, 0],
    [init_module      => 175, 105, $buffer, 256, ""],
    [finit_module     => 313, 273, 0, "", 0],
    [delete_module    => 176, 106, "none", 0],
    [kexec_load       => 246, 104, 0, 0, 0, 0],
    [reboot           => 169, 142, 0, 0, 0, 0],
    [swapon           => 167, 224, "/tmp/x", 0],
    [syslog           => 103, 116, 3, $buffer, 16],
    [acct             => 163, 89, "/tmp/x"],
    [quotactl         => 179, 60, 0, "/", 0, $buffer],
    [sethostname      => 170, 161, "evil", 4],
    [settimeofday     => 164, 170, $buffer, 0],
    [clock_settime    => 227, 112, 0, $buffer],
    [memfd_secret     => 447, 447, 0],
    [vmsplice         => 278, 75, 0, $buffer, 0, 0],
    [move_pages       => 279, 239, 0, 0, 0, 0, 0, 0],
    [mknod_device     => 133, 0, "/workspace/tmp/device", 0020600, 0x0103],
    [setuid_root      => 105, 146, 0],
    [setgid_root      => 106, 144, 0],
    [chown_root       => 92, 0, "/workspace/tmp", 0, 0],
    [personality_32   => 135, 92, 0x0400000],
);
push @calls, [iopl => 172, 0, 3], [ioperm => 173, 0, 0, 1, 1], [modify_ldt => 154, 0, 0, $buffer, 16]
    if $machine eq 'x86_64';

for my $call (@calls) {
    my ($name, $x86, $arm, @arguments) = @$call;
    my $number = $machine eq 'x86_64' ? $x86 : $arm;
    next unless $number;
    my @numbers = map { /^-?\d+$/ ? $_ + 0 : $_ } @arguments;
    my $result = syscall($number, @numbers);
    exit 0 if $name eq 'clone_new_user' && $result == 0;    # a child that should not be
    verdict($name, $result);
}

my @sockets = (
    [AF_VSOCK => 40, 1, 0], [AF_ALG => 38, 5, 0], [AF_PACKET => 17, 3, 0], [AF_INET_raw => 2, 3, 1],
    [AF_INET6_raw => 10, 3, 58], [AF_INET_sctp => 2, 1, 132], [AF_INET_mptcp => 2, 1, 262],
    [AF_NETLINK_netfilter => 16, 3, 12], [AF_NETLINK_audit => 16, 3, 9], [AF_KEY => 15, 3, 2],
    [AF_BLUETOOTH => 31, 3, 1], [AF_RDS => 21, 5, 0], [AF_TIPC => 30, 5, 0], [AF_XDP => 44, 3, 0], [AF_CAN => 29, 3, 1],
);
verdict("socket_$_->[0]", syscall($machine eq 'x86_64' ? 41 : 198, @$_[1 .. 3])) for @sockets;

# The probe can tell: these are allowed.
verdict("control_$_->[0]", syscall($machine eq 'x86_64' ? 41 : 198, @$_[1 .. 3]))
    for ([tcp => 2, 1, 6], [udp => 2, 2, 17], [unix => 1, 1, 0], [netlink_route => 16, 3, 0]);
verdict('control_mkfifo', system('mkfifo /workspace/tmp/fifo') == 0 ? 0 : -1);
verdict('control_write_workspace', try_write('/workspace/tmp/x'));
verdict('control_exec_workspace', try_exec('/workspace/tmp'));

sub verdict {
    my ($name, $result) = @_;
    my $why = $!;
    return say_('allowed', $name) if $result != -1;
    say_(($!{EPERM} || $!{ENOSYS} || $!{EACCES} || $!{EROFS} || $!{EAFNOSUPPORT} || $!{ENOENT}) ? 'refused' : 'allowed', $name, "$why");
}

sub try_write { my ($path) = @_; open(my $file, '>', $path) or return -1; close $file; return 0 }

sub try_exec {
    my ($folder) = @_;
    open(my $file, '>', "$folder/program") or return -1;
    print $file "#!/bin/sh\nexit 0\n";
    close $file;
    chmod 0755, "$folder/program";
    my $result = system { "$folder/program" } "$folder/program";
    return $result == 0 ? 0 : -1;
}

verdict("write_$_", try_write($_))
    for ('/x', '/usr/bin/x', '/etc/passwd', '/opt/node/22/bin/node', '/dev/x', '/sys/x', '/proc/sys/kernel/hostname',
    '/proc/sysrq-trigger', '/proc/sys/kernel/core_pattern', '/sys/fs/cgroup/x', '/workspace/x', '/workspace/ca.crt',
    '/run/x', '/var/tmp/x', '/etc/resolv.conf', '/etc/hosts');
verdict('exec_tmp', try_exec('/tmp'));
verdict('read_shadow', open(my $shadow, '<', '/etc/shadow') ? 0 : -1);
verdict("open_$_", open(my $device, '<', $_) ? 0 : do { $! = 1 if $!{ENOENT}; -1 })
    for ('/dev/mem', '/dev/kmsg', '/dev/sda', '/dev/vda', '/dev/fuse', '/dev/kvm', '/dev/net/tun', '/proc/kcore',
    '/var/run/docker.sock', '/run/containerd/containerd.sock');
{ my $root = `su -c 'id -u' 2>/dev/null </dev/null`; $! = 1; verdict('su', $root =~ /^0/ ? 0 : -1) }
{ my @setuid = `find / -xdev -perm /6000 -type f 2>/dev/null`; $! = 1; verdict('setuid_program', @setuid ? 0 : -1) }

# Facts, compared with what was asked for.
open(my $status, '<', '/proc/self/status') or die;
while (<$status>) { say_('fact', $1, $2) if /^(Cap\w+|NoNewPrivs|Seccomp|Uid|Gid|Groups):\s*(.*)$/ }
open(my $mounts, '<', '/proc/self/mountinfo') or die;
while (<$mounts>) {
    my @fields = split / /;
    my ($kind) = / - (\S+)/;
    say_('fact', "mount $fields[4]", "$kind $fields[5]");
}
say_('fact', "limit_$_->[0]", `sh -c 'ulimit -$_->[1]'`) for ([core => 'c'], [files => 'n'], [file_blocks => 'f']);
for my $pair ([memory => 'memory/memory.limit_in_bytes', 'memory.max'], [swap => 'memory/memory.memsw.limit_in_bytes', 'memory.swap.max'],
    [quota => 'cpu/cpu.cfs_quota_us', 'cpu.max'], [shares => 'cpu/cpu.shares', 'cpu.weight'], [pids => 'pids/pids.max', 'pids.max']) {
    my ($name, @files) = @$pair;
    my ($file) = grep { -r } map { "/sys/fs/cgroup/$_" } @files;
    say_('fact', "cgroup_$name", $file ? `cat $file` : 'unreadable');
}
say_('fact', 'oom_score_adj', `cat /proc/self/oom_score_adj`);
say_('fact', 'interfaces', join ' ', map { /^\s*(\w+):/ ? $1 : () } `cat /proc/net/dev`);
say_('fact', 'ipv6', -s '/proc/net/if_inet6' || `cat /proc/net/if_inet6 2>/dev/null` ? 'on' : 'off');
say_('fact', 'processes', scalar grep { m{/\d+$} } glob '/proc/[0-9]*');
say_('fact', 'hostname', `hostname 2>/dev/null || cat /proc/sys/kernel/hostname`);
say_('fact', 'environment', join ' ', sort keys %ENV);
