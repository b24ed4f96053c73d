package node

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tailscale.com/control/controlclient"
	"tailscale.com/util/eventbus"

	"hubtab/wasm/internal/fault"
)

func TestAServerThatRefusesThisVersionIsNamed(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "unsupported client version: v1.102 (142)", http.StatusBadRequest) // as KeyHandler of Headscale
	}))
	defer server.Close()
	cfg := exampleConfig()
	cfg.ControlURL = server.URL
	started := time.Now()
	_, err := Join(t.Logf, cfg, testTiming)
	if fault.CodeOf(err) != fault.VersionTooOld || time.Since(started) > testTiming.Join/2 {
		t.Errorf("got %v after %v", err, time.Since(started))
	}
}

func TestRefusalsOfAKeyAreKeptApart(t *testing.T) {
	for refusal, want := range map[string]string{
		"authkey already used": "used before", "authkey expired": "expired", "invalid authkey": "unknown",
		"invalid pre auth key": "unknown", "something else": "something else",
	} {
		if got := explainRefusal(refusal); !strings.Contains(got, want) || !strings.Contains(got, refusal) {
			t.Errorf("%s: got %q", refusal, got)
		}
	}
}

func TestAWrongClockIsNamedWhereAPeerIsSilent(t *testing.T) {
	bus := eventbus.New()
	defer bus.Close()
	c := newClock(bus)
	defer c.close()
	silent := fault.New(fault.HubUnreachable, "ping: no answer")
	if err := c.explain(silent); fault.CodeOf(err) != fault.HubUnreachable {
		t.Errorf("before control said its time: %v", err)
	}
	publisher := bus.Client("test")
	defer publisher.Close()
	eventbus.Publish[controlclient.ControlTime](publisher).Publish(controlclient.ControlTime{Value: time.Now().Add(time.Hour)})
	waitFor(t, "the time to arrive", func() bool { return c.offBy(time.Now()) != 0 })
	if err := c.explain(silent); fault.CodeOf(err) != fault.ClockWrong || !strings.Contains(err.Error(), "1h0m0s behind") {
		t.Errorf("an hour behind: %v", err)
	}
	if err := c.explain(fault.New(fault.AccessDenied, "no")); fault.CodeOf(err) != fault.AccessDenied {
		t.Errorf("an answer became %v", err)
	}
}

func TestOnlyAClockThatWentBackIsDoubtedLater(t *testing.T) {
	var c clock
	start := time.Now()
	c.hear(start, start)
	later := start.Add(time.Minute)
	if off := c.offBy(later); off != 0 {
		t.Errorf("a clock that runs is off by %v", off)
	}
	asleep := start.Round(0).Add(8 * time.Hour) // no monotonic reading: Sub uses the wall clock alone
	if off := c.offBy(asleep); off != 0 {
		t.Errorf("after a sleep it is off by %v", off)
	}
}

func TestErrorsForABugReportHoldNoSecrets(t *testing.T) {
	var m mistakes
	for range 20 {
		m.add(Mistake{Text: `open wss://hubs.example:8443/ts2021?X-Tailscale-Handshake=AAAA with hskey-auth-abc-def privkey:00ff`})
	}
	list := m.newest()
	if want := "open wss://hubs.example:8443 with <secret> <secret>"; len(list) != maxMistakes || list[0].Text != want {
		t.Errorf("%d, the first: %q", len(list), list[0].Text)
	}
	m.add(Mistake{Text: strings.Repeat("x", 10_000)})
	if got := m.newest()[maxMistakes-1].Text; len(got) > maxMistakeBytes+3 {
		t.Errorf("%d bytes long", len(got))
	}
}
