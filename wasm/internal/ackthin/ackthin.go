// Package ackthin holds back most of the pure acknowledgements that a download causes. gVisor's TCP stack acknowledges
// every segment at once, and each acknowledgement is encrypted and relayed like data: at our end, at the relay and at
// the hub that is up to half of the work of a download. An acknowledgement says all that its forerunners said, so few
// are needed. RFC 9293, section 3.8.6.3 allows one for two segments; more is common in practice (GRO, Linux).
package ackthin

import (
	"encoding/binary"
	"net/netip"
	"sync"
	"time"
)

// hold is how long the newest acknowledgement may wait for a newer one: far below a sender's retransmission timeout of
// at least 200 ms, far above the distance of packets in a download.
const hold = 2 * time.Millisecond

// Thinner decides about the packets of one node. The zero value is not useful; see [New].
type Thinner struct {
	every  int
	inject func(packet []byte)

	mu    sync.Mutex
	flows map[flow]*state
}

type flow struct{ src, dst netip.AddrPort }

type state struct {
	ack     uint32 // the newest acknowledgement number that was seen
	dropped int    // since the last one that passed
	held    []byte // the newest one that was dropped, nil if none
	timer   *time.Timer
}

// New returns a Thinner that lets every nth acknowledgement pass, and hands the last one of a burst to inject. What was
// given to inject may be offered to [Thinner.Drops] again: it passes.
func New(every int, inject func(packet []byte)) *Thinner {
	return &Thinner{every: every, inject: inject, flows: map[flow]*state{}}
}

// Drops reports whether the outbound TCP packet is to be dropped now. It does not keep packet.
func (t *Thinner) Drops(src, dst netip.AddrPort, packet []byte) bool {
	ack, isPure, ok := readAck(packet)
	if !ok {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	key := flow{src, dst}
	s := t.flows[key]
	if s == nil {
		if isPure { // the first of a burst passes: keystrokes are acknowledged at once
			s = &state{ack: ack}
			s.timer = time.AfterFunc(hold, func() { t.release(key, s) })
			t.flows[key] = s
		}
		return false
	}
	advance := int32(ack - s.ack)
	if advance < 0 {
		return false // an older one, such as one that we injected ourselves: the one that is held still has to go
	}
	s.ack = ack
	if isPure && advance > 0 && s.dropped+1 < t.every {
		s.dropped++
		s.held = append(s.held[:0], packet...)
		return true
	}
	// Every nth passes. So do data, which carry the newest acknowledgement themselves, and one that repeats the last or
	// changes the window: that is a message of its own.
	s.held, s.dropped = nil, 0
	return false
}

// release lets the held acknowledgement go, and forgets the flow when its burst is over.
func (t *Thinner) release(key flow, s *state) {
	t.mu.Lock()
	held := s.held
	s.held, s.dropped = nil, 0
	if held == nil {
		delete(t.flows, key)
	} else {
		s.timer.Reset(hold)
	}
	t.mu.Unlock()
	if held != nil {
		setChecksum(held)
		t.inject(held)
	}
}

const (
	ipProtocolTCP  = 6
	tcpFlagAck     = 0x10
	tcpOptionEnd   = 0
	tcpOptionNop   = 1
	tcpOptionSACK  = 5
	minHeaderBytes = 20
	checksumAt     = 16 // in the TCP header
)

// readAck returns the acknowledgement number of an IPv4 TCP packet, and whether it says nothing else: no data, no flag
// but ACK, no selective acknowledgement, which would mean that something is missing. ok is false if it has no number.
func readAck(packet []byte) (ack uint32, isPure, ok bool) {
	if len(packet) < 2*minHeaderBytes || packet[0]>>4 != 4 || packet[9] != ipProtocolTCP {
		return 0, false, false
	}
	ipBytes, total := int(packet[0]&0xf)*4, int(binary.BigEndian.Uint16(packet[2:]))
	if ipBytes < minHeaderBytes || len(packet) < ipBytes+minHeaderBytes || total > len(packet) {
		return 0, false, false
	}
	tcp := packet[ipBytes:]
	tcpBytes, flags := int(tcp[12]>>4)*4, tcp[13]
	if flags&tcpFlagAck == 0 || tcpBytes < minHeaderBytes || ipBytes+tcpBytes > total {
		return 0, false, false
	}
	isPure = flags == tcpFlagAck && ipBytes+tcpBytes == total && !hasSACK(tcp[minHeaderBytes:tcpBytes])
	return binary.BigEndian.Uint32(tcp[8:]), isPure, true
}

// setChecksum computes the TCP checksum of a packet that readAck took for pure. Where the TUN device splits segments for
// netstack (Linux), a packet has only part of its checksum until then, and an injected one never comes there.
func setChecksum(packet []byte) {
	ipBytes, total := int(packet[0]&0xf)*4, int(binary.BigEndian.Uint16(packet[2:]))
	tcp := packet[ipBytes:total]
	clear(tcp[checksumAt : checksumAt+2])
	sum := uint32(ipProtocolTCP + len(tcp))
	for _, part := range [][]byte{packet[12:20], tcp} { // both addresses; a TCP header is a multiple of four bytes
		for i := 0; i < len(part); i += 2 {
			sum += uint32(binary.BigEndian.Uint16(part[i:]))
		}
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	binary.BigEndian.PutUint16(tcp[checksumAt:], ^uint16(sum))
}

// hasSACK also returns true for options that make no sense: such a packet passes untouched.
func hasSACK(options []byte) bool {
	for len(options) > 0 {
		switch options[0] {
		case tcpOptionEnd:
			return false
		case tcpOptionNop:
			options = options[1:]
			continue
		case tcpOptionSACK:
			return true
		}
		if len(options) < 2 || options[1] < 2 || int(options[1]) > len(options) {
			return true
		}
		options = options[options[1]:]
	}
	return false
}
