package sshx

import "sync"

// Step is a stage of connecting that people are told about.
type Step string

// The steps, in their order.
const (
	StepHubAnswers    Step = "hub-answers"
	StepHostKey       Step = "host-key"
	StepAuthenticated Step = "authenticated"
)

// Progress is told how a connection comes about; nil functions are skipped.
type Progress struct {
	OnStep   func(Step)
	OnBanner func(text string)
}

// watchers tells everyone who waits for one connection how far it is. Who comes late hears all that happened so far.
type watchers struct {
	mu      sync.Mutex
	steps   []Step
	banners []string
	all     []Progress
}

func (w *watchers) add(p Progress) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = append(w.all, p)
	for _, text := range w.banners {
		p.tellBanner(text)
	}
	for _, step := range w.steps {
		p.tellStep(step)
	}
}

func (w *watchers) reach(step Step) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.steps = append(w.steps, step)
	for _, p := range w.all {
		p.tellStep(step)
	}
}

func (w *watchers) banner(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.banners = append(w.banners, text)
	for _, p := range w.all {
		p.tellBanner(text)
	}
}

// settle forgets who waits, once the connection is made or has failed; the steps stay for those who come later.
func (w *watchers) settle() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = nil
}

func (p Progress) tellStep(step Step) {
	if p.OnStep != nil {
		p.OnStep(step)
	}
}

func (p Progress) tellBanner(text string) {
	if p.OnBanner != nil {
		p.OnBanner(text)
	}
}
