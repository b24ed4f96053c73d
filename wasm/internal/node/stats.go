package node

import (
	"regexp"
	"sync"
	"time"

	"hubtab/wasm/internal/fault"
)

// Stats is what the diagnostics page says of a unit; see UnitStats in node.d.ts. It holds no secrets.
type Stats struct {
	State          string
	SSHConnections int
	Channels       int
	// Relay is the region code of the relay that leads to the hub, "" if unknown.
	Relay string
	// Ping is the last one that was answered, nil if none was.
	Ping *PingStats
	// ClockAhead is how far this computer's clock is ahead of control's; negative if it is behind.
	ClockAhead time.Duration
	Errors     []Mistake
}

// PingStats is one answered ping.
type PingStats struct {
	RTT time.Duration
	Via string
	At  time.Time
}

// Mistake is one thing that went wrong.
type Mistake struct {
	At   time.Time
	What string // the call, or "control"
	Code fault.Code
	Text string
}

// maxMistakes bounds what is remembered: the cause of trouble is among the newest few.
const maxMistakes = 8

// mistakes keeps the newest ones.
type mistakes struct {
	mu   sync.Mutex
	list []Mistake
}

func (m *mistakes) note(what string, err error) {
	named := fault.From(err)
	m.add(Mistake{At: time.Now(), What: what, Code: named.Code, Text: named.Message})
}

func (m *mistakes) add(mistake Mistake) {
	mistake.Text = redact(mistake.Text)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.list = append(m.list, mistake)
	if len(m.list) > maxMistakes {
		m.list = append(m.list[:0], m.list[len(m.list)-maxMistakes:]...)
	}
}

func (m *mistakes) newest() []Mistake {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]Mistake(nil), m.list...)
}

// maxMistakeBytes bounds one text: some errors quote whole replies.
const maxMistakeBytes = 300

// urlTail is what follows the host of a URL: pages to log in at and handshakes travel there.
var urlTail = regexp.MustCompile(`([a-z]+://[^\s"/?#]+)[^\s"]*`)

// redact takes out of an error what should not stand in a bug report.
func redact(text string) string {
	text = urlTail.ReplaceAllString(secrets.ReplaceAllString(text, "<secret>"), "$1")
	if len(text) > maxMistakeBytes {
		text = text[:maxMistakeBytes] + "..."
	}
	return text
}

// Stats returns what is known of the unit now.
func (u *Unit) Stats() Stats {
	s := Stats{
		State: u.State().Kind, Ping: u.lastPing.Load(), ClockAhead: u.backend.clock.offBy(time.Now()), Errors: u.errors.newest(),
	}
	s.SSHConnections, s.Channels = u.pool.Stats()
	if hub, ok := u.findHub(); ok {
		s.Relay = u.regionCode(hub)
	}
	return s
}
