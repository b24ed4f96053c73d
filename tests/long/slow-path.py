"""Carries packets between two TUN devices, late, and loses some: what netem does where a kernel has it.

slow-path.py DEVICE DEVICE DELAY_MS LOSS: makes the devices, says "ready", and forwards until it is stopped. The delay and
the loss (0 to 1) hold for each direction. A device may be moved to another network namespace meanwhile.
"""

import collections
import fcntl
import os
import random
import select
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
# Packets on the way in one direction: 15 MB, some times what TCP has in flight at 80 ms.
QUEUE = 10_000
LARGEST = 65_536
# So that one direction does not wait for the other.
BATCH = 64


def open_device(name):
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return device


def take(device, queue, due, loss):
    for _ in range(BATCH):
        try:
            packet = os.read(device, LARGEST)
        except BlockingIOError:
            return
        if random.random() >= loss and len(queue) < QUEUE:
            queue.append((due, packet))


def give(device, queue, now):
    while queue and queue[0][0] <= now:
        try:
            os.write(device, queue.popleft()[1])
        except OSError:
            pass  # the device is down, or full: lost


def main(names, delay, loss):
    one, other = [open_device(name) for name in names]
    print("ready", flush=True)
    # What was read from a device goes out of the other one.
    ways = [(one, other, collections.deque()), (other, one, collections.deque())]
    while True:
        dues = [queue[0][0] for _, _, queue in ways if queue]
        wait = max(0, min(dues) - time.monotonic()) if dues else None
        readable, _, _ = select.select([one, other], [], [], wait)
        now = time.monotonic()
        for source, target, queue in ways:
            if source in readable:
                take(source, queue, now + delay, loss)
            give(target, queue, now)


main(sys.argv[1:3], float(sys.argv[3]) / 1000, float(sys.argv[4]))
