package ackthin

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"testing"
	"time"
)

var (
	src = netip.MustParseAddrPort("100.64.0.1:1000")
	dst = netip.MustParseAddrPort("100.64.0.2:22")
	// timestamps is what Linux and gVisor put on every packet.
	timestamps = []byte{1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2}
	sack       = []byte{1, 1, 5, 10, 0, 0, 0, 1, 0, 0, 0, 2}
)

// segment writes an IPv4 packet with TCP inside, byte by byte from RFC 791 and RFC 9293.
func segment(ack uint32, flags byte, options, data []byte) []byte {
	p := make([]byte, 40, 100)
	p[0], p[9] = 0x45, 6
	binary.BigEndian.PutUint16(p[2:], uint16(40+len(options)+len(data)))
	binary.BigEndian.PutUint32(p[28:], ack)
	p[32], p[33] = byte(5+len(options)/4)<<4, flags
	return append(append(p, options...), data...)
}

func pure(ack uint32) []byte { return segment(ack, 0x10, timestamps, nil) }

// never makes a Thinner whose test ends before anything is released, or does not care.
func never(every int) *Thinner { return New(every, func([]byte) {}) }

func TestOneInEightPassesAndTheFirst(t *testing.T) {
	thinner := never(8)
	var passed []int
	for i := range 25 {
		if !thinner.Drops(src, dst, pure(uint32(i)*1240)) {
			passed = append(passed, i)
		}
	}
	if len(passed) != 4 || passed[0] != 0 || passed[1] != 8 || passed[3] != 24 {
		t.Errorf("passed: %v", passed)
	}
}

func TestTheLastOneOfABurstIsSentSoon(t *testing.T) {
	released := make(chan []byte, 10)
	thinner := New(8, func(p []byte) { released <- bytes.Clone(p) })
	thinner.Drops(src, dst, pure(1))
	thinner.Drops(src, dst, pure(2))
	last := pure(3)
	if !thinner.Drops(src, dst, last) {
		t.Fatal("the third one passed")
	}
	clear(last[20:]) // the caller uses its buffer again
	select {
	case got := <-released:
		want := pure(3)
		setChecksum(want)
		if !bytes.Equal(got, want) {
			t.Errorf("released %x", got)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("nothing was released")
	}
	deadline := time.Now().Add(10 * time.Second)
	for count := 1; count > 0 && time.Now().Before(deadline); time.Sleep(hold) {
		thinner.mu.Lock()
		count = len(thinner.flows)
		thinner.mu.Unlock()
	}
	if len(thinner.flows) != 0 || len(released) != 0 {
		t.Errorf("%d flows are remembered, %d more packets were sent", len(thinner.flows), len(released))
	}
	if thinner.Drops(src, dst, pure(4)) {
		t.Error("the first one of the next burst waits")
	}
}

func TestWhatSaysMoreThanAnAdvanceAlwaysPasses(t *testing.T) {
	for name, packet := range map[string][]byte{
		"data":           segment(9, 0x18, timestamps, []byte("x")),
		"data, ACK only": segment(9, 0x10, nil, []byte("x")),
		"end":            segment(9, 0x11, timestamps, nil),
		"reset":          segment(9, 0x14, nil, nil),
		"something lost": segment(9, 0x10, sack, nil),
		"repeated":       pure(5),
		"older":          pure(4),
		"broken options": segment(9, 0x10, []byte{8, 0, 0, 0}, nil),
	} {
		thinner := never(8)
		thinner.Drops(src, dst, pure(4))
		if !thinner.Drops(src, dst, pure(5)) {
			t.Fatal("the second one passed")
		}
		if thinner.Drops(src, dst, packet) {
			t.Errorf("%s: dropped", name)
		}
	}
}

func TestAcknowledgementNumbersWrap(t *testing.T) {
	thinner := never(8)
	thinner.Drops(src, dst, pure(0xffffff00))
	if !thinner.Drops(src, dst, pure(100)) {
		t.Error("an advance over the end of the range passed as a repetition")
	}
}

func TestWhatIsReleasedPassesWithoutTakingTheNewestAlong(t *testing.T) {
	released := make(chan []byte, 1)
	thinner := New(8, func(p []byte) { released <- bytes.Clone(p) })
	thinner.Drops(src, dst, pure(1))
	thinner.Drops(src, dst, pure(2))
	first := <-released
	if !thinner.Drops(src, dst, pure(3)) || thinner.Drops(src, dst, first) {
		t.Fatal("a newer one passed, or the released one did not")
	}
	if last := <-released; binary.BigEndian.Uint32(last[28:]) != 3 {
		t.Errorf("released %x", last)
	}
}

func TestDataSayWhatHasBeenAcknowledged(t *testing.T) {
	thinner := never(8)
	thinner.Drops(src, dst, pure(1))
	thinner.Drops(src, dst, segment(5, 0x18, nil, []byte("x")))
	if thinner.Drops(src, dst, pure(5)) {
		t.Error("an acknowledgement that repeats the data's was dropped: the sender learns nothing of a loss")
	}
}

func TestReleasedPacketsHaveAWholeChecksum(t *testing.T) {
	packet := pure(0x01020304)
	copy(packet[12:], []byte{100, 64, 0, 1, 100, 64, 0, 2})
	copy(packet[20:], []byte{0x03, 0xe8, 0x00, 0x16})
	binary.BigEndian.PutUint16(packet[36:], 0xbeef) // only a part, as netstack leaves it for the TUN device
	setChecksum(packet)
	sum := uint32(6 + 32)
	for i := 12; i < len(packet); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(packet[i:]))
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	if sum != 0xffff { // a receiver's check
		t.Errorf("the sum is %#x", sum)
	}
}

// FuzzReadAck: what is not understood must pass.
func FuzzReadAck(f *testing.F) {
	f.Add(pure(1))
	f.Add(segment(1, 0x10, sack, nil))
	f.Add(segment(1, 0x18, nil, []byte("x")))
	f.Add([]byte{0x45})
	f.Fuzz(func(t *testing.T, packet []byte) {
		_, isPure, ok := readAck(packet)
		if ok && (packet[0]>>4 != 4 || packet[9] != 6) {
			t.Errorf("%x is no TCP over IPv4", packet)
		}
		if isPure {
			setChecksum(bytes.Clone(packet))
		}
	})
}
