package fault

import (
	"errors"
	"strings"
	"testing"
)

func dereference(p *int) (int, error) { return *p, nil }

func TestAPanicBecomesTheErrorOfItsCall(t *testing.T) {
	_, err := Protect(func() (int, error) { return dereference(nil) })
	if CodeOf(err) != Internal || !strings.Contains(err.Error(), "nil pointer") {
		t.Errorf("got %v", err)
	}
	if last := LastPanic(); last == nil || !strings.Contains(last.Text, "fault.dereference") {
		t.Errorf("the stack was not kept: %+v", last)
	}
	_, err = Protect(func() (int, error) { panic(strings.Repeat("x", 2*maxPanicText)) })
	if CodeOf(err) != Internal || len(LastPanic().Text) != maxPanicText {
		t.Errorf("got %d bytes", len(LastPanic().Text))
	}
}

func TestWhatDoesNotPanicIsLeftAlone(t *testing.T) {
	mine := errors.New("mine")
	if value, err := Protect(func() (int, error) { return 7, mine }); value != 7 || err != mine {
		t.Errorf("got %d, %v", value, err)
	}
}
