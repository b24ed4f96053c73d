package node

import (
	"testing"

	"tailscale.com/envknob"
	"tailscale.com/net/tstun"
)

// The switch is one for debugging: a new version may drop it without a word.
func TestTailscaleStillTakesOurMTU(t *testing.T) {
	before := tstun.DefaultTUNMTU()
	RaiseMTU()
	defer envknob.Setenv("TS_DEBUG_MTU", "")
	if got := tstun.DefaultTUNMTU(); got != mtu || before == mtu {
		t.Errorf("the MTU is %d, was %d", got, before)
	}
}
