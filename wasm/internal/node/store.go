package node

import (
	"tailscale.com/ipn"
	"tailscale.com/ipn/store/mem"

	"hubtab/wasm/internal/fault"
	"hubtab/wasm/internal/latest"
)

// maxStateBytes bounds the state that is taken back: one node's is about 2 kB.
const maxStateBytes = 256 << 10

// store keeps a node's identity in memory and offers every change of it as bytes. Tailscale's own file stores would
// want a disk, where the node key must never be.
type store struct {
	*mem.Store
	exported *latest.Value[[]byte]
}

// newStore returns a store that holds state, or nothing if state is empty.
func newStore(state []byte) (*store, error) {
	s := &store{Store: new(mem.Store)}
	if len(state) > maxStateBytes {
		return nil, fault.New(fault.BadArgument, "state: %d bytes are more than a node's", len(state))
	}
	if len(state) > 0 {
		if err := s.LoadFromJSON(state); err != nil {
			// The error of the JSON package may quote what it read: the node key.
			return nil, fault.New(fault.BadArgument, "state: not what onStateBytes gave")
		}
	}
	s.exported = latest.New[[]byte]()
	s.export()
	return s, nil
}

// WriteState implements ipn.StateStore.
func (s *store) WriteState(id ipn.StateKey, value []byte) error {
	if err := s.Store.WriteState(id, value); err != nil {
		return err
	}
	s.export()
	return nil
}

func (s *store) export() {
	if state, err := s.ExportToJSON(); err == nil {
		s.exported.Set(state)
	}
}
